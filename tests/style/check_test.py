#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Tests of the checker with small trees: each rule once violated and once kept."""
import contextlib
import io
import re
import sys
import tempfile
import unittest
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
from check import main  # noqa: E402
import documents  # noqa: E402
from documents import check_documents  # noqa: E402
from functions import functions  # noqa: E402
from texts import LICENCE, check_words_and_columns, is_source  # noqa: E402

GOOD = {
    "README.md": "a tree\n",
    "lib/areas.txt": (HERE.parent.parent / "lib/areas.txt").read_text(),
    "run": "#!/bin/sh\n",
    "lib/os/fd.h": "#pragma once\n",
    "lib/os/fd.cpp": '#include "lib/os/fd.h"\n',
    "lib/netns/enter.cpp": '#include "lib/os/fd.h"\n// system(1) is a comment\n',
    "plugins/bridge/config.h": "#pragma once\n",
    "plugins/bridge/bridge.cpp": '#include "plugins/bridge/config.h"\n',
    "plugins/loopback.cpp": "#include <string>\n",
    "cli/main.cpp": '#include "footbridge_version.h"\n#include "plugins/bridge/config.h"\n',
}

COMPLETION = """_footbridge_commands="add exec show ipam"
_footbridge_options() {
  local attach="--conf --help"
  case $1 in
    add | exec) echo "$attach --port" ;;
    show) echo "--json --help" ;;
    "ipam gc") echo "--dry-run --help" ;;
    *) echo "--help" ;;
  esac
}
"""


def licensed(name, text):
    """The text of a source with its licence."""
    if not is_source(name):
        return text
    line = ("// " if name.endswith((".h", ".cpp", ".go")) else "# ") + LICENCE + "\n"
    shebang, rest = text.split("\n", 1) if text.startswith("#!") else ("", text)
    return (shebang + "\n" if shebang else "") + line + rest


def check(extra, has_licences=True):
    """The checker's exit code and output for the good tree with these files in it."""
    with tempfile.TemporaryDirectory() as top:
        for name, text in {**GOOD, **extra}.items():
            path = Path(top) / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(licensed(name, text) if has_licences or name in GOOD else text)
        with contextlib.redirect_stdout(io.StringIO()) as output:
            code = main([top])
        return code, output.getvalue()


class Check(unittest.TestCase):
    def rejects(self, extra, *words, has_licences=True):
        code, output = check(extra, has_licences)
        self.assertEqual(code, 1, output)
        self.assertIn("1 problems", output)
        for word in words:
            self.assertIn(word, output)

    def accepts(self, extra):
        code, output = check(extra)
        self.assertEqual(code, 0, output)

    def test_a_correct_tree_passes(self):
        self.accepts({})

    def test_an_include_against_the_direction_is_rejected(self):
        self.rejects({"lib/os/bad.cpp": '#include "lib/netns/enter.h"\n', "lib/netns/enter.h": ""}, "lib/os must not")
        self.rejects({"lib/os/bad.cpp": '#include "plugins/bridge/config.h"\n'}, "lib/os must not")

    def test_cli_may_include_all_areas(self):
        self.accepts({"cli/show.cpp": '#include "lib/os/fd.h"\n#include "plugins/bridge/config.h"\n'})

    def test_a_plugin_that_includes_a_plugin_is_rejected(self):
        self.rejects({"plugins/ptp.cpp": '#include "plugins/bridge/config.h"\n'}, "plugins/ptp must not")
        self.rejects({"ipam/dhcp/dhcp.cpp": '#include "plugins/bridge/config.h"\n'}, "ipam/dhcp must not")

    def test_files_that_include_each_other_are_rejected(self):
        self.rejects({"lib/net/a.h": '#include "lib/net/b.h"\n', "lib/net/b.h": '#include "lib/net/a.h"\n'}, "circle")

    def test_a_table_with_a_circle_is_rejected(self):
        table = re.sub("^lib/os *:", "lib/os : lib/netns", GOOD["lib/areas.txt"], flags=re.M)
        self.rejects({"lib/areas.txt": table}, "areas.txt has a circle")

    def test_an_area_without_a_row_is_rejected(self):
        self.rejects({"lib/stuff/stuff.cpp": "\n"}, "no row in lib/areas.txt")

    def test_a_folder_without_a_row_belongs_to_the_area_above_it(self):
        self.accepts({"lib/netns/deep/a.h": '#include "lib/os/fd.h"\n',
                      "lib/netns/b.cpp": '#include "lib/netns/deep/a.h"\n'})
        self.rejects({"lib/netns/deep/a.h": "", "lib/os/bad.cpp": '#include "lib/netns/deep/a.h"\n'}, "lib/os must not")

    def test_a_nested_folder_with_a_row_is_an_area_of_its_own(self):
        tree = {"lib/areas.txt": GOOD["lib/areas.txt"] + "lib/netns/kind : lib/netns\n",
                "lib/netns/enter.h": "", "lib/netns/kind/deep/veth.cpp": '#include "lib/netns/enter.h"\n'}
        self.accepts(tree)
        self.rejects({**tree, "lib/netns/kind/veth.h": "", "lib/netns/bad.cpp": '#include "lib/netns/kind/veth.h"\n'},
                     "lib/netns must not")
        self.rejects({**tree, "lib/netns/kind/bad.cpp": '#include "lib/os/fd.h"\n'}, "lib/netns/kind must not")

    def test_an_include_that_is_not_relative_to_the_top_is_rejected(self):
        self.rejects({"lib/os/near.cpp": '#include "fd.h"\n'}, "not a file")

    def test_the_product_does_not_include_tests(self):
        self.rejects({"lib/os/near.cpp": '#include "tests/x.h"\n', "tests/x.h": ""}, "the product includes")

    def test_a_folder_of_tests_without_its_source_is_rejected(self):
        self.rejects({"tests/lib/gone/x_test.cpp": "\n"}, "tests/lib/gone")
        self.rejects({"tests/lib/os/gone/x_test.cpp": "\n"}, "tests/lib/os/gone")
        self.rejects({"tests/cli/gone/x_test.cpp": "\n"}, "tests/cli/gone")
        self.accepts({"tests/plugins/loopback/x_test.cpp": "\n", "tests/lib/os/x_test.cpp": "\n"})

    def test_a_folder_without_a_meaning_is_rejected(self):
        for name in ("util", "common", "helpers", "misc"):
            self.rejects({f"tests/{name}/x.txt": "\n"}, f"tests/{name}")

    def test_a_file_of_451_lines_is_rejected_and_one_of_450_is_not(self):
        self.rejects({"lib/os/long.cpp": "\n" * 450}, "451 lines")  # with the licence
        self.accepts({"lib/os/long.cpp": "\n" * 449, "tests/recorded.json": "\n" * 1000})

    def test_a_folder_of_lib_with_21_sources_is_rejected_and_one_with_20_is_not(self):
        sources = {f"lib/os/source{number}.cpp": "\n" for number in range(19)}  # and fd.cpp
        self.accepts({**sources, "lib/os/deep/more.cpp": "\n", "lib/os/more.h": "\n"})
        self.rejects({**sources, "lib/os/more.cpp": "\n"}, "lib/os: 21 files")
        self.rejects({f"lib/os/deep/source{number}.cpp": "\n" for number in range(21)}, "lib/os/deep: 21 files")

    def test_a_17th_file_at_the_top_of_cli_is_rejected(self):
        files = {f"cli/file{number}.txt": "\n" for number in range(15)}  # and main.cpp
        self.accepts({**files, "cli/show/more.txt": "\n"})
        self.rejects({**files, "cli/CMakeLists.txt": "\n"}, "cli: 17 files")

    def test_an_unknown_name_at_the_top_is_rejected(self):
        self.rejects({"cmake/x.cmake": "\n"}, "cmake")

    def test_a_path_of_one_machine_is_rejected(self):
        path = "/" + "work" + "/main"
        self.rejects({"README.md": f"see {path}\n"}, "README.md")
        self.accepts({"README.md": f"see framework{path} and network/work\n"})

    def test_a_shell_started_from_the_product_is_rejected(self):
        self.rejects({"lib/os/sh.cpp": 'int f() { return std::system("ls"); }\n'}, "system()")
        self.rejects({"plugins/sh.cpp": 'auto f = popen("ls", "r");\n'}, "popen()")
        self.accepts({"lib/os/sh.cpp": 'throw std::system_error(errno, std::system_category(), "popen(");\n'})

    def test_a_dead_link_is_rejected(self):
        self.rejects({"docs/README.md": "[x](nowhere.md)\n"}, "docs/README.md: dead link nowhere.md")
        self.rejects({"README.md": "# One thing\n[x](#another-thing)\n"}, "has no such heading")
        self.rejects({"README.md": "[x](docs/README.md#two)\n", "docs/README.md": "# One\n"}, "has no such heading")
        self.accepts({"README.md": "# `One` thing\n[x](#one-thing) [y](lib/os) [z](https://nowhere.example/)\n"
                                   "```text\n[x](no)\n```\n"})

    def test_a_page_that_the_index_does_not_link_is_rejected(self):
        self.rejects({"docs/README.md": "\n", "docs/more/page.md": "\n"},
                     "docs/more/page.md: docs/README.md does not link")
        self.accepts({"docs/README.md": "[x](more/page.md)\n", "docs/more/page.md": "[x](../README.md)\n"})

    def test_a_picture_that_differs_from_its_source_is_rejected(self):
        source = "row A\nbox B | C\n"
        tree = {"docs/pictures/packet.txt": source}
        drawn = documents.packet.draw(documents.packet.read(source))
        self.accepts({**tree, "docs/pictures/packet.svg": drawn})
        self.rejects({**tree, "docs/pictures/packet.svg": drawn.replace("C", "D")}, "packet.svg: differs")

    def test_a_readme_of_201_lines_is_rejected(self):
        self.accepts({"README.md": "\n" * 200})
        self.rejects({"README.md": "\n" * 201}, "README.md: 201 lines")

    def test_words_and_columns_are_checked(self):
        self.rejects({"lib/os/a.h": "x" * 121 + "\n"}, "lib/os/a.h:2: 121 columns")
        self.rejects({"README.md": "It to" + "ld.\n"}, "README.md:1: ", "rule 4")

    def test_a_source_without_its_licence_is_rejected(self):
        for name, text in (("lib/os/a.h", "// text\n"), ("tests/a.py", "#!/usr/bin/python3\n"), ("docs/CMakeLists.txt",
                                                                                                 "")):
            self.rejects({name: text}, f"{name}: the first line must be a comment: {LICENCE}", has_licences=False)
        self.rejects({"lib/os/a.h": f"// text\n// {LICENCE}\n"}, "lib/os/a.h: the first line", has_licences=False)


class Functions(unittest.TestCase):
    def test_finds_functions_and_not_what_looks_like_one(self):
        text = """namespace os {
struct Fd {
  int number = -1;
  explicit Fd(int n) : number(n) {
  }
  bool is_open() const { return number >= 0; }
};
const int kTable[] = {1, 2};
int read_all(int fd,
             int size) {
  if (fd) {
    auto f = [&](int x) { return x; };
  }
  return size;  // }
}
}
"""
        self.assertEqual(functions(text), [("Fd", 4, 2), ("is_open", 6, 1), ("read_all", 9, 7)])

    def test_lists_a_long_function_without_failing(self):
        code, output = check({"lib/os/long.cpp": "int f() {\n" + "  g();\n" * 60 + "}\n"})
        self.assertEqual(code, 0)
        self.assertIn("long: lib/os/long.cpp:2 f: 62 lines", output)  # after the licence


class Examples(unittest.TestCase):
    def rejects(self, tree, problem):
        found = list(check_documents({"README.md": "", **tree}))
        self.assertEqual(len(found), 1, found)
        self.assertIn(problem, found[0])

    def accepts(self, tree):
        self.assertEqual(list(check_documents(tree)), [])

    def test_a_code_block_without_a_language_is_rejected(self):
        self.rejects({"README.md": "text\n```\nls\n```\n"}, "README.md:2: a code block needs a language")

    def test_an_example_that_is_not_a_shell_script_is_rejected(self):
        self.rejects({"README.md": "text\n\n```sh\nif true; do\n```\n"},
                     "README.md:3: an example is not a shell script")
        self.accepts({"README.md": "```sh\nif true; then ls; fi\n```\n"})
        self.accepts({"README.md": "1.\n\n   ```sh\n   cat <<END\n   x\n   END\n   ```\n"})

    def test_an_example_with_an_unknown_command_or_option_is_rejected(self):
        """Only calls of footbridge count, and of `footbridge exec` only its own options."""
        tree = {"cli/completion/footbridge.bash": COMPLETION}
        for example in ("footbridge ad red", "sudo /opt/cni/bin/footbridge ad red", "ls; footbridge ad",
                        "a | footbridge ad"):
            self.rejects({**tree, "README.md": f"```sh\n{example}\n```\n"}, "README.md:1: footbridge has no command ad")
        self.rejects({**tree, "README.md": "```sh\nfootbridge add \\\n  --prot 80:80 n red\n```\n"},
                     "README.md:1: footbridge add has no option --prot")
        self.rejects({**tree, "README.md": "x\n```console\n$ footbridge ipam gc --all n\nfootbridge ad\n```\n"},
                     "README.md:2: footbridge ipam gc has no option --all")
        self.rejects({**tree, "README.md": "Run `footbridge show --xml`.\n"},
                     "README.md:1: footbridge show has no option --xml")
        self.accepts({**tree, "README.md": "`footbridge` adds. `footbridge ipam gc --dry-run`\n```sh\n"
                      "footbridge add --port 80:80 n red   # --prot\nfootbridge exec n -- ls --all\n"
                      "footbridge --help; footbridge show --json | jq --sort-keys .\n"
                      "rm footbridge bridge; nft list map inet footbridge hostport4\n```\n"})

    def test_an_example_that_is_not_json_is_rejected(self):
        self.rejects({"README.md": '```json\n{"a": 1,}\n```\n'}, "README.md:1: an example is not JSON")
        self.accepts({"README.md": '```json\n{"a": 1}\n```\n1.\n\n   ```json\n   "ipam": {}\n   ```\n'})


def findings(name, text):
    return list(check_words_and_columns({name: text}))


class Texts(unittest.TestCase):
    def rejects(self, text, word, rule, name="lib/os/a.h"):
        self.assertEqual(findings(name, f"line\n{text}\n"), [f'{name}:2: "{word}": plain English, rule {rule}'])

    def accepts(self, text, name="lib/os/a.h"):
        self.assertEqual(findings(name, text), [])

    def test_a_source_line_of_121_columns_is_rejected_and_one_of_120_is_not(self):
        for name in ("lib/os/a.h", "a.py", "a.sh", "run", "lib/CMakeLists.txt"):
            self.accepts("é" * 120, name)
            self.assertEqual(findings(name, "\n" + "é" * 121), [f"{name}:2: 121 columns; allowed: 120"])
        self.accepts("x" * 121, "docs/page.md")

    def test_a_word_for_a_person_is_rejected(self):
        for word in ("h" + "e", "H" + "e", "h" + "is", "h" + "im", "who" + "m", "Who" + "ever", "somebody" + "'s",
                     "no" + "body"):
            self.rejects(f"// when {word} adds", word, 3)
        self.accepts("// the, this, whose, somebody, nobodyX")

    def test_a_verb_that_the_field_does_not_use_is_rejected(self):
        for word in ("te" + "ll", "TE" + "LLS", "to" + "ld", "give" + " back", "gives" + " back", "given" + " back",
                     "take" + " away", "comes" + " to be", "be held" + " to"):
            self.rejects(f"// they {word} it", word, 4)
        self.accepts("// tellers, gives it back")

    def test_a_sentence_that_begins_with_a_rejected_word_is_rejected(self):
        for word in ("O" + "f", "Wh" + "o", "Who" + "ever", "N" + "or", "Su" + "ch"):
            if word != "Who" + "ever":  # also rule 3
                for text in ("// {} all links.", "{} all links.", "Text. {} all links.", 'CASE("{} all links")',
                             "| {} all |",
                             "- {} all", "    \"\"\"{} all links.\"\"\""):
                    self.rejects(text.format(word), word, 7, "docs/page.md")
        self.accepts("// All of them, such as links, who knows. Office, Nordic, Offsets, The Who, Suchlike")

    def test_sources_documents_and_conformance_cases_are_checked_and_other_files_are_not(self):
        for name in ("a.md", "a.cpp", "a.go", "run", "tests/conformance/cases/bridge/a.json"):
            self.rejects("it to" + "ld", "to" + "ld", 4, name)
        for name in ("tests/recordings/a.jsonl", "LICENSE", "tests/bench/results/a.json"):
            self.accepts("it to" + "ld", name)

    def test_the_glossary_may_quote_words(self):
        row = "| report | an error | te" + "ll |"
        self.accepts(row, "CONTRIBUTING.md")
        self.rejects(row, "te" + "ll", 4, "docs/page.md")


if __name__ == "__main__":
    unittest.main()

#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The checker, tried on small trees: each rule once broken and once kept."""
import re
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
from functions import functions  # noqa: E402

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


def check(extra):
    """The checker's exit code and output for the good tree with these files in it."""
    with tempfile.TemporaryDirectory() as top:
        for name, text in {**GOOD, **extra}.items():
            path = Path(top) / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        done = subprocess.run([sys.executable, str(HERE / "check.py"), top], stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, check=False)
        return done.returncode, done.stdout


class Check(unittest.TestCase):
    def refuses(self, extra, *words):
        code, output = check(extra)
        self.assertEqual(code, 1, output)
        self.assertIn("1 problems", output)
        for word in words:
            self.assertIn(word, output)

    def accepts(self, extra):
        code, output = check(extra)
        self.assertEqual(code, 0, output)

    def test_a_tree_in_order_passes(self):
        self.accepts({})

    def test_an_include_against_the_direction_is_refused(self):
        self.refuses({"lib/os/bad.cpp": '#include "lib/netns/enter.h"\n', "lib/netns/enter.h": ""}, "lib/os must not")
        self.refuses({"lib/os/bad.cpp": '#include "plugins/bridge/config.h"\n'}, "lib/os must not")

    def test_the_operators_command_may_include_everything(self):
        self.accepts({"cli/show.cpp": '#include "lib/os/fd.h"\n#include "plugins/bridge/config.h"\n'})

    def test_a_plugin_that_includes_a_plugin_is_refused(self):
        self.refuses({"plugins/ptp.cpp": '#include "plugins/bridge/config.h"\n'}, "plugins/ptp must not")
        self.refuses({"ipam/dhcp/dhcp.cpp": '#include "plugins/bridge/config.h"\n'}, "ipam/dhcp must not")

    def test_files_that_include_each_other_are_refused(self):
        self.refuses({"lib/net/a.h": '#include "lib/net/b.h"\n', "lib/net/b.h": '#include "lib/net/a.h"\n'}, "circle")

    def test_a_table_with_a_circle_is_refused(self):
        table = re.sub("^lib/os *:", "lib/os : lib/netns", GOOD["lib/areas.txt"], flags=re.M)
        self.refuses({"lib/areas.txt": table}, "areas.txt goes in a circle")

    def test_an_area_without_a_row_is_refused(self):
        self.refuses({"lib/stuff/stuff.cpp": "\n"}, "no row in lib/areas.txt")

    def test_a_folder_without_a_row_belongs_to_the_area_above_it(self):
        self.accepts({"lib/netns/deep/a.h": '#include "lib/os/fd.h"\n',
                      "lib/netns/b.cpp": '#include "lib/netns/deep/a.h"\n'})
        self.refuses({"lib/netns/deep/a.h": "", "lib/os/bad.cpp": '#include "lib/netns/deep/a.h"\n'}, "lib/os must not")

    def test_a_nested_folder_with_a_row_is_an_area_of_its_own(self):
        tree = {"lib/areas.txt": GOOD["lib/areas.txt"] + "lib/netns/kind : lib/netns\n",
                "lib/netns/enter.h": "", "lib/netns/kind/deep/veth.cpp": '#include "lib/netns/enter.h"\n'}
        self.accepts(tree)
        self.refuses({**tree, "lib/netns/kind/veth.h": "", "lib/netns/bad.cpp": '#include "lib/netns/kind/veth.h"\n'},
                     "lib/netns must not")
        self.refuses({**tree, "lib/netns/kind/bad.cpp": '#include "lib/os/fd.h"\n'}, "lib/netns/kind must not")

    def test_an_include_that_is_not_seen_from_the_top_is_refused(self):
        self.refuses({"lib/os/near.cpp": '#include "fd.h"\n'}, "not a file")

    def test_the_product_does_not_include_tests(self):
        self.refuses({"lib/os/near.cpp": '#include "tests/x.h"\n', "tests/x.h": ""}, "the product includes")

    def test_a_folder_of_tests_without_its_source_is_refused(self):
        self.refuses({"tests/lib/gone/x_test.cpp": "\n"}, "tests/lib/gone")
        self.refuses({"tests/lib/os/gone/x_test.cpp": "\n"}, "tests/lib/os/gone")
        self.refuses({"tests/cli/gone/x_test.cpp": "\n"}, "tests/cli/gone")
        self.accepts({"tests/plugins/loopback/x_test.cpp": "\n", "tests/lib/os/x_test.cpp": "\n"})

    def test_a_folder_without_a_meaning_is_refused(self):
        for name in ("util", "common", "helpers", "misc"):
            self.refuses({f"tests/{name}/x.txt": "\n"}, f"tests/{name}")

    def test_a_file_of_451_lines_is_refused_and_one_of_450_is_not(self):
        self.refuses({"lib/os/long.cpp": "\n" * 451}, "451 lines")
        self.accepts({"lib/os/long.cpp": "\n" * 450, "tests/recorded.json": "\n" * 1000})

    def test_a_folder_of_lib_with_21_sources_is_refused_and_one_with_20_is_not(self):
        sources = {f"lib/os/source{number}.cpp": "\n" for number in range(19)}  # and fd.cpp
        self.accepts({**sources, "lib/os/deep/more.cpp": "\n", "lib/os/more.h": "\n"})
        self.refuses({**sources, "lib/os/more.cpp": "\n"}, "lib/os: 21 files")
        self.refuses({f"lib/os/deep/source{number}.cpp": "\n" for number in range(21)}, "lib/os/deep: 21 files")

    def test_a_17th_file_at_the_top_of_cli_is_refused(self):
        files = {f"cli/file{number}.txt": "\n" for number in range(15)}  # and main.cpp
        self.accepts({**files, "cli/show/more.txt": "\n"})
        self.refuses({**files, "cli/CMakeLists.txt": "\n"}, "cli: 17 files")

    def test_an_unknown_name_at_the_top_is_refused(self):
        self.refuses({"cmake/x.cmake": "\n"}, "cmake")

    def test_a_path_of_one_machine_is_refused(self):
        path = "/" + "work" + "/main"
        self.refuses({"README.md": f"see {path}\n"}, "README.md")
        self.accepts({"README.md": f"see framework{path} and network/work\n"})

    def test_a_shell_started_from_the_product_is_refused(self):
        self.refuses({"lib/os/sh.cpp": 'int f() { return std::system("ls"); }\n'}, "system()")
        self.refuses({"plugins/sh.cpp": 'auto f = popen("ls", "r");\n'}, "popen()")
        self.accepts({"lib/os/sh.cpp": 'throw std::system_error(errno, std::system_category(), "popen(");\n'})

    def test_a_dead_link_is_refused(self):
        self.refuses({"docs/README.md": "[x](nowhere.md)\n"}, "docs/README.md: the link nowhere.md leads nowhere")
        self.refuses({"README.md": "# One thing\n[x](#another-thing)\n"}, "leads to no heading")
        self.refuses({"README.md": "[x](docs/README.md#two)\n", "docs/README.md": "# One\n"}, "leads to no heading")
        self.accepts({"README.md": "# `One` thing\n[x](#one-thing) [y](lib/os) [z](https://nowhere.example/)\n```\n[x](no)\n```\n"})

    def test_a_page_that_the_index_does_not_link_is_refused(self):
        self.refuses({"docs/README.md": "\n", "docs/more/page.md": "\n"}, "docs/more/page.md: docs/README.md has no link")
        self.accepts({"docs/README.md": "[x](more/page.md)\n", "docs/more/page.md": "[x](../README.md)\n"})

    def test_an_example_that_is_not_json_is_refused(self):
        self.refuses({"README.md": '```json\n{"a": 1,}\n```\n'}, "an example is not JSON")

    def test_a_readme_of_201_lines_is_refused(self):
        self.accepts({"README.md": "\n" * 200})
        self.refuses({"README.md": "\n" * 201}, "README.md: 200 lines")


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
        self.assertIn("long: lib/os/long.cpp:1 f: 62 lines", output)


if __name__ == "__main__":
    unittest.main()

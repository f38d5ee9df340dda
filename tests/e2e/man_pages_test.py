# SPDX-License-Identifier: Apache-2.0
"""Compares the manual with the sources: each plugin has a page with exactly the keys that the plugin reads, and
footbridge(1) has each command and option of --help. mandoc -Tlint warns of nothing."""
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

top = Path(os.environ["FOOTBRIDGE_SOURCE"])
sys.path.insert(0, str(top / "tests/style"))
from functions import functions, without_comments  # noqa: E402

footbridge = os.environ["FOOTBRIDGE_BIN"] + "/footbridge"

# The methods of cni::Fields, and functions that pass a key to them: fields.flag("ipMasq"), parse_port(fields,
# "hostPort"). (cni::find() is for lenient readers of keys that are parsed elsewhere.)
READS = re.compile(r'(?:[.>](?:flag|text|text_or|number|object|objects|texts|lists_of_objects|has)\(\s*'
                   r'|\b(?:parse_\w+|text_or)\(\s*\*?\w+,\s*)"(\w+)"')
CALLS = re.compile(r"(?:\b(attachment|cni|masquerade)::)?\b(\w+)\(")
ARGUMENTS = re.compile(r'std::string_view, \d> kKnown\{([^}]*)\}')  # the keys of CNI_ARGS
LIBRARIES = [*top.glob("lib/*/keys.cpp"), top / "lib/cni/result_json.cpp"]

# Keys of the protocol: footbridge(1) has them.
EVERYWHERE = {"args", "cni", "runtimeConfig", "capabilities", "ipRanges", "prevResult"}


def plugins():
    output = subprocess.run([footbridge, "version"], stdout=subprocess.PIPE, check=True, text=True).stdout
    return re.search(r"^plugins: (.*)$", output, re.M).group(1).split()


def sources_of(plugin):
    """The sources that read its configuration: config.cpp and the files beside it whose headers it includes, directly
    or indirectly. All files if the plugin has no config.cpp."""
    single = [path for path in (top / f"plugins/{plugin}.cpp", top / f"ipam/{plugin}.cpp") if path.exists()]
    if single:
        return single
    folder = next(path for path in (top / "plugins" / plugin, top / "ipam" / plugin) if path.is_dir())
    found, waiting = set(), {"config"} if (folder / "config.cpp").exists() else {path.stem
                                                                                 for path in folder.glob("*.cpp")}
    while waiting:
        stem = waiting.pop()
        found.add(stem)
        text = "".join(path.read_text() for path in (folder / f"{stem}.h", folder / f"{stem}.cpp") if path.exists())
        waiting |= set(re.findall(rf'#include "\w+/{plugin}/(\w+)\.h"', text)) - found
    return [folder / f"{stem}.cpp" for stem in found if (folder / f"{stem}.cpp").exists()]


def page_of(plugin):
    page = top / f"docs/plugins/{plugin}.md"
    return page if page.exists() else None


def bodies():
    """{"cni::parse_dns": its text} for each function of the libraries that read keys."""
    found = {}
    for path in LIBRARIES:
        lines = path.read_text().split("\n")
        for name, line, size in functions(path.read_text()):
            found.setdefault(f"{path.parent.name}::{name}", "\n".join(lines[line - 1:line - 1 + size]))
    return found


def keys_in(text, library, namespace=""):
    """The keys that the text and the library functions called by it read. Removes these functions from library."""
    text = without_comments(text, keep_strings=True)
    keys = set(READS.findall(text))
    for listed in ARGUMENTS.findall(text):
        keys |= set(re.findall(r'"(\w+)"', listed))
    for written, name in CALLS.findall(text):
        called = f"{written or namespace}::{name}"
        if called in library:
            keys |= keys_in(library.pop(called), library, called.split("::")[0])
    return keys


def keys_read(plugin):
    return set().union(*(keys_in(path.read_text(), bodies()) for path in sources_of(plugin))) - EVERYWHERE


def section(page, title):
    found = re.search(rf"^# {title}\n(.*?)(?=^# |\Z)", page.read_text(), re.M | re.S)
    return found.group(1) if found else ""


def keys_mentioned(page):
    """The keys in bold or as code in CONFIGURATION; "runtimeConfig.mac" counts as both of its parts."""
    words = re.findall(r"\*\*([\w.]+)\*\*|`([\w.]+)`", section(page, "CONFIGURATION"))
    return {part for word in words for part in "".join(word).split(".")}


def keys_documented(page):
    """The keys in bold in CONFIGURATION: those that the page documents."""
    bold = re.findall(r"\*\*([\w.]+)\*\*(?!\()", section(page, "CONFIGURATION"))
    return {part for word in bold for part in word.split(".")}


class ManPages(unittest.TestCase):
    def test_each_plugin_has_a_page(self):
        self.assertIn("bridge", plugins())
        self.assertEqual([], [name for name in plugins() if not page_of(name)])

    def test_keys_are_found_in_the_sources(self):
        """Otherwise the next tests would test nothing."""
        self.assertLessEqual({"isGateway", "mtu", "exclude", "vlanTrunk", "minID", "id", "nameservers", "mac", "MAC"},
                             keys_read("bridge"))
        self.assertLessEqual({"subnet", "rangeStart", "dst", "advmss", "ips", "IP", "dataDir"}, keys_read("host-local"))
        self.assertLessEqual({"hostPort", "range", "conditionsV6"}, keys_read("portmap"))

    def test_each_key_that_a_plugin_reads_is_in_its_page(self):
        for plugin in plugins():
            with self.subTest(plugin):
                self.assertEqual(set(), keys_read(plugin) - keys_mentioned(page_of(plugin)))

    def test_each_key_in_a_page_is_read(self):
        for plugin in plugins():
            with self.subTest(plugin):
                known = keys_read(plugin) | EVERYWHERE
                # IPAM plugins read keys below "ipam"; all others read ipam.type.
                self.assertEqual(set(), keys_documented(page_of(plugin)) - known - {"footbridge", "ipam", "type"})

    def test_each_page_is_linked_from_the_readme_and_the_index(self):
        for plugin in plugins():
            with self.subTest(plugin):
                self.assertIn(f"(docs/plugins/{plugin}.md)", (top / "README.md").read_text())
                self.assertIn(f"(plugins/{plugin}.md)", (top / "docs/README.md").read_text())

    def test_the_page_of_the_command_has_all_commands_and_options_of_help(self):
        page = (top / "cli/footbridge.1.md").read_text()
        output = subprocess.run([footbridge, "--help"], stdout=subprocess.PIPE, check=True, text=True).stdout
        commands = re.findall(r"^  ([a-z]+) ", output, re.M)
        self.assertIn("exec", commands)
        for command in commands:
            with self.subTest(command):
                self.assertRegex(page, rf"(?m)^\*\*{command}[ *]")
                output = subprocess.run([footbridge, command, "--help"], stdout=subprocess.PIPE, check=True,
                                        text=True).stdout
                for option in re.findall(r"--[a-z-]+", output):
                    self.assertIn(f"`{option}`", page)

    def test_each_page_has_its_sections(self):
        for page in [page_of(name) for name in plugins()] + [top / "cli/footbridge.1.md"]:
            with self.subTest(page.name):
                titles = re.findall(r"^# (.*)$", page.read_text(), re.M)
                self.assertEqual(["NAME", "SYNOPSIS", "DESCRIPTION"], titles[:3])
                self.assertLessEqual({"EXAMPLE", "ERRORS", "FILES"}, set(titles))
                self.assertEqual("SEE ALSO", titles[-1])

    def test_mandoc_warns_of_nothing(self):
        go_md2man, mandoc = shutil.which("go-md2man"), shutil.which("mandoc")
        if not (go_md2man and mandoc):
            print("SKIP: checking the pages with mandoc needs go-md2man and mandoc")
            return
        pages = [(page, f"footbridge-{page.stem}", "8") for page in sorted((top / "docs/plugins").glob("*.md"))]
        for page, name, number in [*pages, (top / "cli/footbridge.1.md", "footbridge", "1")]:
            with self.subTest(page.name), tempfile.NamedTemporaryFile() as made:
                subprocess.run(["sh", top / "cli/package/man.sh", go_md2man, page, name, number, "2026-11-22", "0.1.0",
                                "x"],
                               stdout=made, check=True)
                lint = subprocess.run([mandoc, "-Tlint", "-Wwarning", made.name], stdout=subprocess.PIPE, text=True,
                                      check=False)
                self.assertEqual("", lint.stdout)


if __name__ == "__main__":
    unittest.main()

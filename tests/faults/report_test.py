#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Tests report.py with made-up results. It runs as in ./run faults."""
import json
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

HERE = Path(__file__).resolve().parent


def row(scene, verb, kind, injections, violations):
    return {"scene": scene, "verb": verb, "kind": kind, "injections": injections, "places": injections // 3,
            "violations": violations, "unreached": 0, "start": 0, "rejected": 0}


def results(rows):
    return {"rows": rows, "violations": [], "seed": 7, "date": "2026-02-03", "lines": ["faults: some"],
            "machine": {"kernel": "6.18.4-made-up", "system": "Debian 12"}}


OURS = results([row("bridge", "ADD", "faults", 1440, 0), row("bridge", "ADD", "kills", 300, 0),
                row("ptp", "DEL", "faults", 90, 1)])
REFERENCE = results([row("bridge", "ADD", "faults", 30, 6), row("bridge", "ADD", "kills", 30, 11)])


class Report(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def run_report(self, *arguments):
        for name, content in (("ours.json", OURS), ("reference.json", REFERENCE)):
            (self.folder / name).write_text(json.dumps(content))
        return subprocess.run([sys.executable, "-B", HERE / "report.py", self.folder / "ours.json",
                               self.folder / "reference.json", "--version-of", "Footbridge=0.9", *arguments],
                              capture_output=True, text=True, check=False)

    def test_a_row_has_violations_and_injections_of_both_sides(self):
        lines = self.run_report().stdout.splitlines()
        self.assertIn("| bridge | ADD | 0 of 1,440 | 0 of 300 | 6 of 30 | 11 of 30 |", lines)
        self.assertIn("| ptp | DEL | 1 of 90 | - | - | - |", lines)
        self.assertIn("| **all** | | **1 of 1,530** | **0 of 300** | **6 of 30** | **11 of 30** |", lines)

    def test_versions_kernel_date_and_seed_are_printed(self):
        text = self.run_report().stdout
        for words in ("Footbridge 0.9", "Linux 6.18.4-made-up, Debian 12, 2026-02-03", "510 that can fail", "seed 7"):
            self.assertIn(words, text)

    def test_only_the_text_between_the_marks_of_the_page_changes(self):
        page = self.folder / "page.md"
        page.write_text("before\n<!-- faults -->\nold\n<!-- /faults -->\nafter\n")
        self.assertEqual(self.run_report("--publish", "--page", page).returncode, 0)
        text = page.read_text()
        self.assertTrue(text.startswith("before\n<!-- faults -->\nViolations of all"))
        self.assertTrue(text.endswith("|\n<!-- /faults -->\nafter\n"))
        self.assertNotIn("old", text)

    def test_a_page_without_marks_is_not_changed(self):
        page = self.folder / "page.md"
        page.write_text("no marks\n")
        self.assertEqual(self.run_report("--publish", "--page", page).returncode, 1)
        self.assertEqual(page.read_text(), "no marks\n")


if __name__ == "__main__":
    unittest.main()

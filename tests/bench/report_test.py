#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The report of the benchmark with invented results: its numbers, its texts about missing results, its exit code. Runs
report.py as ./run bench does."""
import json
import re
import subprocess
import sys
import tempfile
import unittest
import xml.etree.ElementTree as xml
from pathlib import Path

HERE = Path(__file__).resolve().parent
# side: ADD ms, DEL ms, KiB. CPU is half of the time; 32 concurrent calls give 1.5 times as many per second.
SIDES = {"footbridge": (2.0, 2.5, 2048), "reference-nftables": (68, 136, 40960), "reference-iptables": (36, 156, 40960),
         "floor": (0.5, 0.625, 512)}


def verb(name, ms, kib, busy=1.0):
    return {"verb": name, "calls": 200, "failures": 0, "p50_ms": ms, "p99_ms": 2 * ms, "first_tenth_ms": ms,
            "last_tenth_ms": ms, "cpu_ms": ms / 2, "peak_rss_kib": kib, "per_s": busy * 1000 / ms}


def calls_scene(name, at_once=1, attachments=0):
    """The reference's time grows by a thousandth per attachment."""
    scene = {"scene": name, "title": f"about {name}", "n": 200, "at_once": at_once, "attachments": attachments,
             "sides": []}
    for side, (add, delete, kib) in SIDES.items():
        grown = 1 + attachments / 1000 if side.startswith("reference") else 1
        busy = 1.5 if at_once > 1 else 1
        verbs = [verb("ADD", add * grown, kib, busy), verb("DEL", delete * grown, kib, busy)]
        scene["sides"].append({"side": side, "backend": "", "verbs": verbs})
    return scene


def lan_scene(name):
    """Ours takes twice as long as the floor."""
    scene = calls_scene(name)
    scene["sides"][0]["verbs"][0] = verb("ADD", 1.0, 2048)
    return scene


def calls():
    lan = [name + more for name in ("macvlan", "ipvlan") for more in ("", "-dual-stack")]
    scenes = [calls_scene("chain"), calls_scene("udp"), *map(lan_scene, lan),
              calls_scene("at-once", 8), calls_scene("at-once", 32),
              *(calls_scene("size", 1, attachments) for attachments in (10, 100, 1000, 10000))]
    machine = {"cpus": 2, "model": "A Processor", "memory_gib": 23, "kernel": "6.18.4-made-up", "system": "Debian 12",
               "store": "ext4"}
    return {"machine": machine, "versions": {"footbridge": "0.9", "reference": "1.9.1"}, "scenes": scenes}


def traffic():
    rates = {10: (88700, 87400, 107800), 2000: (81900, 17200, 107000)}
    scenes = [{"scene": "connections", "title": "through DNAT", "ports": ports, "sides": [
        {"side": side, "per_s": rate} for side, rate in zip(("footbridge", "reference-nftables", "none"), found)]}
        for ports, found in rates.items()]
    scenes += [{"scene": "throughput", "title": "iperf3", "ports": ports, "sides": [{"side": "footbridge",
                                                                                     "gbit_per_s": 40.1}]}
               for ports in rates]
    return {"machine": {}, "versions": {}, "scenes": scenes}


def side_of(document, scene, side):
    found = next(one for one in document["scenes"] if one["scene"] == scene)
    return next(one for one in found["sides"] if one["side"] == side)


class Report(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.executable = self.folder / "footbridge"
        self.executable.write_bytes(bytes(2_980_000))

    def run_on(self, *documents, arguments=(), code=0):
        """Returns the report. The documents are calls.json and traffic.json; None: no file."""
        files = [self.folder / name for name in ("calls.json", "traffic.json")]
        for file, document in zip(files, documents):
            if document is not None:
                file.write_text(json.dumps(document))
        done = subprocess.run([sys.executable, "-B", HERE / "report.py", *files, "--executable", self.executable,
                               *arguments],
                              capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, code, done.stderr)
        self.errors = done.stderr
        return done.stdout

    def test_the_report_has_the_machine_s_properties_and_the_versions(self):
        self.assertIn("2 CPUs (A Processor), 23 GiB of memory, Linux 6.18.4, Debian 12, the store on ext4. "
                      "Footbridge 0.9, reference plugins 1.9.1.", self.run_on(calls(), traffic()))

    def test_each_target_has_a_ratio_its_numbers_and_a_verdict(self):
        text = self.run_on(calls(), traffic())
        for line in (
                "| ADD against the floor | at most 4 × | 4.00 × (2.00 / 0.50 ms) | met |",
                "| ADD, faster than reference, nftables | at least 15 × | 34.0 × (68.0 / 2.00 ms) | met |",
                "| ADD, faster than reference, iptables | at least 10 × | 18.0 × (36.0 / 2.00 ms) | met |",
                "| DEL against the floor's DEL without waiting | at most 5 × | 4.00 × (2.50 / 0.62 ms) | met |",
                "| DEL, faster than reference, nftables | at least 30 × | 54.4 × (136 / 2.50 ms) | met |",
                "| ADD with 10,000 existing attachments against 10 | at most 1.3 × | 1.00 × (2.00 / 2.00 ms) | met |",
                "| ADD with a UDP port against a TCP port | at most 1.2 × | 1.00 × (2.00 / 2.00 ms) | met |",
                "| ADD, 32 at once, more per second than reference, nftables | at least 10 × "
                "| 34.0 × (750 / 22.1 per s) | met |",
                "| CPU per ADD, less than reference, iptables | at least 10 × | 18.0 × (18.0 / 1.00 ms) | met |",
                "| failed calls of Footbridge, in all scenes | none | 0 of 4,800 | met |",
                "| peak resident memory of any call | at most 6 MiB | 2.00 MiB (ADD in scene chain) | met |",
                "| the executable | at most 3 MB | 2.98 MB | met |",
                "| new connections per second with 2,000 published ports, against 10 | at least 0.9 × "
                "| 0.92 × (81,900 / 88,700 per s); without NAT 0.99 × | met |"):
            self.assertIn(line, text)
        self.assertIn("28 of 28 targets are met.", text)

    def test_scenes_have_the_ratios_to_ours_and_to_the_floor(self):
        text = self.run_on(calls(), traffic())
        self.assertIn("| ADD | reference, nftables | 68.0 | 136 | 68.0 / 68.0 | 34.0 | 40.0 | 14.7 | 0 of 200 | 34.0 × "
                      "| 136 × |", text)
        self.assertIn("| ADD | reference, iptables | 36.4 | 39.6 | 72.0 | 396 | 10.9 × |", text)
        self.assertIn("### at-once (32): about at-once", text)
        self.assertIn("| reference, nftables | 87,400 | 17,200 | 0.20 × | 0.21 × | 0.16 × |", text)
        self.assertIn("| ADD, ms | 2.00 | 68.0 (34.0 ×) | 36.0 (18.0 ×) | 0.50 (0.25 ×) |", text)

    def test_a_target_that_is_not_met_is_reported_and_fails_only_a_strict_run(self):
        document = calls()
        side_of(document, "chain", "footbridge")["verbs"][0].update(p50_ms=2.1, peak_rss_kib=7168, failures=3)
        text = self.run_on(document, traffic())
        self.assertIn("| ADD against the floor | at most 4 × | 4.20 × (2.10 / 0.50 ms); 3 of 200 of Footbridge failed "
                      "| **not met** |", text)
        self.assertIn("| failed calls of Footbridge, in all scenes | none | 3 of 4,800; 3 of ADD in scene chain "
                      "| **not met** |", text)
        self.assertIn("| at most 6 MiB | 7.00 MiB (ADD in scene chain) | **not met** |", text)
        self.assertIn("25 of 28 targets are met.", text)
        self.run_on(document, traffic(), arguments=["--strict"], code=1)
        self.run_on(calls(), traffic(), arguments=["--strict"])

    def test_a_missing_side_and_a_side_that_was_left_out_are_reported(self):
        document = calls()
        document["scenes"][0]["sides"] = document["scenes"][0]["sides"][:3]  # without the floor
        largest = document["scenes"][-1]["sides"][2]
        largest.update(left_out="it takes too long", verbs=[])
        text = self.run_on(document, traffic())
        self.assertIn("| ADD against the floor | at most 4 × | scene chain has no side floor | not measured |", text)
        self.assertIn("reference, iptables was left out: it takes too long (with 10,000 attachments).", text)
        self.assertIn("| ADD | reference, iptables | 36.4 | 39.6 | 72.0 | - | - |", text)
        self.assertIn("26 of 28 targets are met; 2 could not be measured.", text)
        self.run_on(document, traffic(), arguments=["--strict"], code=1)

    def test_a_missing_file_is_reported(self):
        text = self.run_on(calls(), None)
        self.assertIn("traffic.json is missing from this report: cannot read it: No such file or directory.", text)
        self.assertIn("| no scene connections with 2000 ports | not measured |", text)
        self.assertFalse((self.folder / "connections.svg").exists())
        self.assertIn("calls.json is missing from this report: not valid JSON", self.run_on_text("{", traffic()))

    def run_on_text(self, text, document):
        (self.folder / "calls.json").write_text(text)
        return self.run_on(None, document)

    def test_a_comparison_with_failed_calls_has_their_number(self):
        document = calls()
        side_of(document, "chain", "reference-nftables")["verbs"][1].update(failures=200)
        text = self.run_on(document, traffic())
        self.assertIn("| 54.4 × (136 / 2.50 ms); 200 of 200 of reference, nftables failed | met |", text)
        self.assertIn("| DEL, ms | 2.50 | 136 (54.4 ×), 200 of 200 failed |", text)

    def test_a_verb_with_failed_calls_only_has_no_times(self):
        document = calls()
        side_of(document, "chain", "reference-iptables")["verbs"][0] = {"verb": "ADD", "calls": 200, "failures": 200}
        text = self.run_on(document, traffic())
        self.assertIn("| ADD | reference, iptables | - | - | - / - | - | - | - | 200 of 200 | - | - |", text)
        self.assertIn("no p50_ms of ADD of reference, iptables in scene chain", text)
        self.assertIn("not measured", (self.folder / "chain.svg").read_text())

    def test_the_charts_are_svg_with_each_side_and_its_numbers(self):
        self.run_on(calls(), traffic())
        for name, words in (("size.svg",
                             "reference, nftables: 68.7 ms with 10, 74.8 ms with 100, 136 ms with 1,000, 748 ms"),
                            ("chain.svg", "ADD, Footbridge: 2.00"), ("at-once.svg",
                                                                     "DEL, 32 at once, reference, iptables: 9.62"),
                            ("connections.svg", "2,000 published ports, no NAT: 107,000")):
            top = xml.parse(self.folder / name).getroot()
            self.assertIn(words, top.findtext("{http://www.w3.org/2000/svg}desc"), name)
        lines = xml.parse(self.folder / "size.svg").getroot().findall("{http://www.w3.org/2000/svg}polyline")
        self.assertEqual([len(line.get("points").split()) for line in lines], [4] * 8)

    def test_the_axis_is_logarithmic_for_values_that_span_decades_and_linear_otherwise(self):
        self.run_on(calls(), traffic())
        self.assertIn("milliseconds (median), on a logarithmic scale", (self.folder / "chain.svg").read_text())
        self.assertIn(">TCP connections per second<", (self.folder / "connections.svg").read_text())

    def test_publish_copies_all_files_and_updates_the_page_between_its_marks(self):
        page = self.folder / "page.md"
        page.write_text("before\n<!-- bench -->\nold\n<!-- /bench -->\nafter\n")
        published = self.folder / "tests/results"
        for _ in range(2):  # the second one replaces the first
            self.run_on(calls(), traffic(), arguments=["--publish", published, "--page", page])
        self.assertEqual(sorted(file.name for file in published.iterdir()),
                         ["at-once.svg", "calls.json", "chain.svg", "connections.svg", "report.md", "size.svg",
                          "traffic.json"])
        text = page.read_text()
        self.assertTrue(text.startswith("before\n<!-- bench -->\nMeasured on 2 CPUs (A Processor)"))
        self.assertTrue(text.endswith("/report.md) lists them with all numbers.\n<!-- /bench -->\nafter\n"))
        self.assertIn("](tests/results/size.svg)", text)
        self.assertEqual(text.count("| ADD, ms |"), 1)
        self.assertNotIn("old", text)

    def test_a_page_without_marks_is_an_error_and_does_not_change(self):
        page = self.folder / "page.md"
        page.write_text("no marks\n")
        self.run_on(calls(), traffic(), arguments=["--publish", self.folder / "results", "--page", page], code=1)
        self.assertIn("no marks <!-- bench --> ... <!-- /bench -->", self.errors)
        self.assertEqual(page.read_text(), "no marks\n")
        self.assertFalse((self.folder / "results").exists())

    def test_the_readme_repeats_numbers_of_the_published_page(self):
        """README.md has some rows of the table of docs/performance.md, without ratios."""
        top = HERE.parent.parent
        page = {cells[1]: cells[2:] for cells in rows_of(top / "docs/performance.md")}
        found = [cells for cells in rows_of(top / "README.md") if cells[1] in page and re.match(r"[\d.,]+$", cells[2])]
        self.assertGreaterEqual(len(found), 5)
        for cells in found:
            with self.subTest(cells[1]):
                published = [cell.split(" (")[0] for cell in page[cells[1]]]
                self.assertEqual(cells[2:5], published[:3])


def rows_of(page):
    return [[cell.strip() for cell in line.split("|")] for line in page.read_text().splitlines()
            if line.startswith("| ")]


if __name__ == "__main__":
    unittest.main()

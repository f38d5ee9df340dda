#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The benchmark of pods: the report with invented times, and (as root) a measurement of a few pods per side."""
import json
import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

HERE = Path(__file__).resolve().parent
REFERENCE = Path(os.environ["FOOTBRIDGE_SOURCE"]) / "build/reference/usr/lib/cni"


def pods(run, stop):
    """Three pods; the second is the median."""
    return [{"run": run + more, "stop": stop + more, "remove": 5} for more in (30, 0, -10)]


def report(ours, *options, where="in memory"):
    """(exit code, output of report.py) with 180 and 300 ms for the reference, and 50 and 30 ms on the host."""
    results = {"versions": ["containerd 1.2.3"], "where": where, "sides": [
        {"side": "footbridge", "pods": pods(*ours)}, {"side": "reference", "pods": pods(180, 300)},
        {"side": "host", "pods": pods(50, 30)}]}
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "pods.json"
        file.write_text(json.dumps(results))
        done = subprocess.run([sys.executable, "-B", HERE / "report.py", *options, file], capture_output=True,
                              text=True, check=False)
        return done.returncode, done.stdout + done.stderr


class Report(unittest.TestCase):
    def test_medians_have_their_ratio_to_a_pod_on_the_host_network(self):
        code, text = report((60, 45))
        self.assertEqual(code, 0, text)
        self.assertIn("containerd 1.2.3, its files in memory: medians of 3 pods", text)
        self.assertIn("| Footbridge | 60.0 ms (1.20 ×) | 45.0 ms (1.50 ×) | 5.0 ms (1.00 ×) |", text)
        self.assertIn("| the reference plugins | 180.0 ms (3.60 ×) | 300.0 ms (10.00 ×) |", text)

    def test_a_target_is_met_up_to_its_limit(self):
        code, text = report((65, 60), "--strict")
        self.assertEqual(code, 0, text)
        self.assertIn("1.30 ×, met (the reference: 3.6 ×)", text)
        self.assertIn("2.00 ×, met (the reference: 10.0 ×)", text)

    def test_a_target_that_is_not_met_fails_only_a_strict_report(self):
        for times in ((66, 45), (60, 61)):
            self.assertEqual(report(times)[0], 0)
            code, text = report(times, "--strict")
            self.assertEqual(code, 1, text)
            self.assertEqual(text.count("not met"), 1, text)


class Pods(unittest.TestCase):
    def skip(self, why):
        """The summary of ./run test reads this line, not unittest's."""
        print(f"SKIP: {why}")
        self.skipTest(why)

    def test_a_few_pods_per_side_are_measured_and_reported(self):
        if os.geteuid() != 0:
            self.skip("needs root")
        if not (REFERENCE / "bridge").exists():
            self.skip("needs build/reference, which ./run test fetches")
        with tempfile.TemporaryDirectory() as folder:
            done = subprocess.run(["bash", HERE / "bench.sh", REFERENCE, folder, "--n", "2"], capture_output=True,
                                  text=True, check=False)
            if "SKIP: " in done.stdout:
                self.skip(done.stdout.split("SKIP: ", 1)[1].strip())
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
            on_few_processors = ["pods-as-it-is.json"] if len(os.sched_getaffinity(0)) < 4 else []
            files = [*on_few_processors, "pods-in-memory.json", "pods-on-disk.json"]
            self.assertEqual(sorted(os.listdir(folder)), files)
            for file in Path(folder).iterdir():
                sides = json.loads(file.read_text())["sides"]
                self.assertEqual([side["side"] for side in sides], ["footbridge", "reference", "nothing", "host"])
                for side in sides:
                    self.assertEqual(len(side["pods"]), 2)
                    self.assertTrue(all(0 < ms for pod in side["pods"] for ms in pod.values()))
        self.assertEqual(done.stdout.count("StopPodSandbox of Footbridge at most 2.0"), len(files))
        self.assertEqual(done.stdout.count("GOMAXPROCS=4: medians of 2 pods"), 2 * len(on_few_processors))


if __name__ == "__main__":
    unittest.main()

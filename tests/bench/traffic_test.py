#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""bench_traffic with few connections: its output is what report.py reads."""
import json
import os
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

BIN = os.environ["FOOTBRIDGE_BIN"]
DRIVER = Path(os.environ["FOOTBRIDGE_BUILD"]) / "tests/bench_traffic"
SECONDS = "1" if shutil.which("iperf3") else "0"


def run(*arguments):
    """(exit code, the JSON or None, stderr)"""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "traffic.json"
        done = subprocess.run([DRIVER, "--json", file, *arguments], capture_output=True, text=True, check=False)
        return done.returncode, json.loads(file.read_text()) if file.exists() else None, done.stderr


class Traffic(unittest.TestCase):
    def test_writes_all_scenes_of_our_side_and_of_none(self):
        code, results, errors = run("--ports", "20", "--rounds", "1", "--connections", "1500", "--seconds", SECONDS,
                                "--version-of", "footbridge=1.2", f"footbridge={BIN}")
        self.assertEqual(code, 0, errors)
        self.assertEqual(results["versions"], {"footbridge": "1.2"})
        self.assertGreater(results["machine"]["cpus"], 0)
        units = {"connections": "per_s", "masquerade": "per_s", "throughput": "gbit_per_s"}
        if SECONDS == "0":
            del units["throughput"]
        self.assertEqual([(scene["scene"], scene["ports"]) for scene in results["scenes"]],
                         [(name, 20) for name in units])
        for scene in results["scenes"]:
            self.assertEqual([side["side"] for side in scene["sides"]], ["footbridge", "none"])
            for side in scene["sides"]:
                self.assertGreater(side[units[scene["scene"]]], 0)

    def test_another_side_that_cannot_be_measured_is_left_out_with_the_reason(self):
        code, results, errors = run("--ports", "4", "--rounds", "1", "--connections", "10", "--seconds", "0",
                                f"footbridge={BIN}", "reference-nftables=/nowhere,nftables")
        self.assertEqual(code, 0, errors)
        self.assertIn("/nowhere/bridge", results["scenes"][0]["sides"][1]["left_out"])

    def test_the_run_fails_if_our_side_cannot_be_measured(self):
        code, results, errors = run("--ports", "4", "--rounds", "1", "footbridge=/nowhere")
        self.assertEqual((code, results), (1, None))
        self.assertIn("footbridge with 4 ports: start /nowhere/bridge: No such file", errors)


if __name__ == "__main__":
    if os.geteuid() != 0:
        print("SKIP: needs root, for network namespaces")
        sys.exit(77)
    unittest.main()

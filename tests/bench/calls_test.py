#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""bench_calls with few calls: its output is what report.py reads, and defects fail the run."""
import json
import os
import stat
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

BIN = os.environ["FOOTBRIDGE_BIN"]
DRIVER = Path(os.environ["FOOTBRIDGE_BUILD"]) / "tests/bench_calls"
REFERENCE = Path(os.environ["FOOTBRIDGE_SOURCE"]) / "build/reference/usr/lib/cni"
SCENES = {"chain": ["ADD", "DEL"], "ptp": ["ADD", "DEL"], "dual-stack": ["ADD", "DEL"], "ports-20": ["ADD", "DEL"],
          "udp": ["ADD", "DEL"], "del-three-times": ["ADD", "DEL", "DEL again", "DEL third"],
          **{name + more: ["ADD", "DEL"] for name in ("macvlan", "ipvlan") for more in ("", "-dual-stack")},
          "at-once": ["ADD", "DEL"], "size": ["ADD", "DEL"]}
TIMES = {"p50_ms", "p99_ms", "first_tenth_ms", "last_tenth_ms", "cpu_ms", "peak_rss_kib", "per_s"}
WITHOUT_FLOOR = {"ptp", "udp", "del-three-times"}


def run(*arguments):
    """(exit code, the JSON or None, stderr)"""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "calls.json"
        done = subprocess.run([DRIVER, "--json", file, *arguments], capture_output=True, text=True, check=False,
                              timeout=120)
        return done.returncode, json.loads(file.read_text()) if file.exists() else None, done.stderr


def link_ipam(folder):
    os.symlink(f"{BIN}/host-local", Path(folder) / "host-local")


def write_plugin(folder, name, script):
    file = Path(folder) / name
    file.write_text("#!/bin/sh\n" + script)
    file.chmod(file.stat().st_mode | stat.S_IXUSR)


class Calls(unittest.TestCase):
    def check_verb(self, verb, calls, may_fail):
        self.assertEqual(verb["calls"], calls)
        if not may_fail:
            self.assertEqual(verb["failures"], 0)
        for key in TIMES:
            self.assertGreater(verb[key], 0, key)
        self.assertLessEqual(verb["p50_ms"], verb["p99_ms"])

    def check_scene(self, scene, names, calls):
        self.assertEqual([side["side"] for side in scene["sides"]], names)
        for side in scene["sides"]:
            if side.get("left_out", "").startswith("this kernel has no links of kind"):
                self.assertEqual(side["verbs"], [])
                self.assertIn(scene["scene"].split("-")[0], ("macvlan", "ipvlan"))
                continue
            if side["side"] == "floor" and scene["scene"] in WITHOUT_FLOOR:
                self.assertEqual(side["verbs"], [])
                self.assertIn("the floor has no program", side["left_out"])
                continue
            waiting = ["DEL waiting"] if side["side"] == "floor" else []
            self.assertEqual([verb["verb"] for verb in side["verbs"]], SCENES[scene["scene"]] + waiting)
            for verb in side["verbs"]:
                if side["side"] == "floor":
                    self.assertLess(verb["peak_rss_kib"], 2000, "its parent's memory is counted")
                if verb["verb"] != "DEL waiting":
                    self.check_verb(verb, calls * (2 if scene["scene"] == "at-once" else 1), bool(side["backend"]))

    def test_each_scene_has_all_verbs_of_ours_and_the_floor_and_no_call_fails(self):
        code, results, errors = run("--n", "4", "--at-once", "3", "--attachments", "30", "--version-of",
                                    "footbridge=1.2",
                                f"footbridge={BIN}", "floor")
        self.assertEqual(code, 0, errors)
        self.assertEqual(results["versions"], {"footbridge": "1.2"})
        self.assertGreater(results["machine"]["cpus"], 0)
        self.assertEqual([scene["scene"] for scene in results["scenes"]], list(SCENES))
        for scene in results["scenes"]:
            self.assertEqual(scene["at_once"], 3 if scene["scene"] == "at-once" else 1)
            self.assertEqual(scene["attachments"], 30 if scene["scene"] == "size" else 0)
            self.check_scene(scene, ["footbridge", "floor"], 4)

    def test_the_reference_is_measured_with_both_backends(self):
        if not (REFERENCE / "bridge").exists():
            print("SKIP: needs build/reference, which ./run test fetches")
            self.skipTest("needs build/reference, which ./run test fetches")
        names = ["reference-nftables", "reference-iptables"]
        code, results, errors = run("--scene", "size", "--n", "2", "--attachments", "5", f"footbridge={BIN}",
                                *[f"{name}={REFERENCE},{name.split('-')[1]}" for name in names])
        self.assertEqual(code, 0, errors)
        self.check_scene(results["scenes"][0], ["footbridge", *names], 2)
        self.assertEqual([verb["failures"] for side in results["scenes"][0]["sides"] for verb in side["verbs"]][2::2],
                         [0, 0])

    def test_a_duplicate_address_and_a_leftover_link_fail_the_run(self):
        with tempfile.TemporaryDirectory() as folder:
            write_plugin(folder, "bridge",
                         """[ "$CNI_COMMAND" = DEL ] || ip link add "v$CNI_CONTAINERID" type bridge 2>/dev/null
echo '{"ips": [{"address": "10.1.0.2/16"}]}'""")
            write_plugin(folder, "portmap", """echo '{"ips": [{"address": "10.1.0.2/16"}]}'""")
            code, _, errors = run("--scene", "chain", "--n", "2", f"footbridge={folder}")
        self.assertEqual(code, 1, errors)
        self.assertIn("bench_calls: chain, footbridge: allocated twice: 10.1.0.2/16", errors)
        self.assertIn("bench_calls: chain, footbridge: left over: link vc1, link vc2", errors)

    def test_a_failed_call_of_ours_fails_the_run_and_is_reported(self):
        with tempfile.TemporaryDirectory() as folder:
            link_ipam(folder)
            write_plugin(folder, "bridge", f'exec {BIN}/bridge')
            write_plugin(folder, "portmap", f'[ "$CNI_CONTAINERID" != c2 ] || exit 3; exec {BIN}/portmap')
            code, results, errors = run("--scene", "chain", "--n", "2", f"footbridge={folder}")
        self.assertEqual(code, 1, errors)
        self.assertIn("chain, footbridge: 1 calls of ADD failed", errors)
        self.assertEqual(results["scenes"][0]["sides"][0]["verbs"][0]["failures"], 1)

    def test_a_floor_that_leaves_another_state_fails_the_run(self):
        with tempfile.TemporaryDirectory() as folder:
            link_ipam(folder)
            write_plugin(folder, "bridge", f'exec {BIN}/bridge')
            write_plugin(folder, "portmap", f'{BIN}/portmap && ip -n "$CNI_CONTAINERID" link set eth0 mtu 1400 || true')
            code, _, errors = run("--scene", "chain", "--n", "2", f"footbridge={folder}", "floor")
        self.assertEqual(code, 1, errors)
        self.assertIn("the floor and our plugins leave different states", errors)
        self.assertIn("1400", errors)


if __name__ == "__main__":
    if os.geteuid() != 0:
        print("SKIP: needs root, for network namespaces")
        sys.exit(77)
    unittest.main()

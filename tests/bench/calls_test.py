#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The driver of calls, with few of them: what it writes is what report.py reads, and what it must not let pass fails it."""
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
          "at-once": ["ADD", "DEL"], "size": ["ADD", "DEL"]}
TIMES = {"p50_ms", "p99_ms", "first_tenth_ms", "last_tenth_ms", "cpu_ms", "peak_rss_kib", "per_s"}
WITHOUT_FLOOR = {"ptp", "udp", "del-three-times"}


def run(*arguments):
    """(exit code, the JSON or None, stderr)"""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "calls.json"
        done = subprocess.run([DRIVER, "--json", file, *arguments], capture_output=True, text=True, check=False, timeout=120)
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
            if side["side"] == "floor" and scene["scene"] in WITHOUT_FLOOR:
                self.assertEqual(side["verbs"], [])
                self.assertIn("no bare program", side["left_out"])
                continue
            waiting = ["DEL waiting"] if side["side"] == "floor" else []
            self.assertEqual([verb["verb"] for verb in side["verbs"]], SCENES[scene["scene"]] + waiting)
            for verb in side["verbs"]:
                if side["side"] == "floor":
                    self.assertLess(verb["peak_rss_kib"], 2000, "the memory of who started it is counted, too")
                if verb["verb"] != "DEL waiting":
                    self.check_verb(verb, calls * (2 if scene["scene"] == "at-once" else 1), bool(side["backend"]))

    def test_every_scene_has_every_verb_of_ours_and_of_the_floor_and_no_call_fails(self):
        code, told, words = run("--n", "4", "--at-once", "3", "--attachments", "30", "--version-of", "footbridge=1.2",
                                f"footbridge={BIN}", "floor")
        self.assertEqual(code, 0, words)
        self.assertEqual(told["versions"], {"footbridge": "1.2"})
        self.assertGreater(told["machine"]["cpus"], 0)
        self.assertEqual([scene["scene"] for scene in told["scenes"]], list(SCENES))
        for scene in told["scenes"]:
            self.assertEqual(scene["at_once"], 3 if scene["scene"] == "at-once" else 1)
            self.assertEqual(scene["attachments"], 30 if scene["scene"] == "size" else 0)
            self.check_scene(scene, ["footbridge", "floor"], 4)

    def test_the_reference_stands_beside_ours_with_both_backends(self):
        if not (REFERENCE / "bridge").exists():
            print("SKIP: the reference plugins are not in build/reference")
            self.skipTest("the reference plugins are not in build/reference")
        names = ["reference-nftables", "reference-iptables"]
        code, told, words = run("--scene", "size", "--n", "2", "--attachments", "5", f"footbridge={BIN}",
                                *[f"{name}={REFERENCE},{name.split('-')[1]}" for name in names])
        self.assertEqual(code, 0, words)
        self.check_scene(told["scenes"][0], ["footbridge", *names], 2)
        self.assertEqual([verb["failures"] for side in told["scenes"][0]["sides"] for verb in side["verbs"]][2::2], [0, 0])

    def test_an_address_given_twice_and_a_link_left_over_fail_the_run(self):
        with tempfile.TemporaryDirectory() as folder:
            write_plugin(folder, "bridge", """[ "$CNI_COMMAND" = DEL ] || ip link add "v$CNI_CONTAINERID" type bridge 2>/dev/null
echo '{"ips": [{"address": "10.1.0.2/16"}]}'""")
            write_plugin(folder, "portmap", """echo '{"ips": [{"address": "10.1.0.2/16"}]}'""")
            code, _, words = run("--scene", "chain", "--n", "2", f"footbridge={folder}")
        self.assertEqual(code, 1, words)
        self.assertIn("bench_calls: chain, footbridge: given twice: 10.1.0.2/16", words)
        self.assertIn("bench_calls: chain, footbridge: left over: link vc1, link vc2", words)

    def test_a_failed_call_of_ours_fails_the_run_and_is_told(self):
        with tempfile.TemporaryDirectory() as folder:
            link_ipam(folder)
            write_plugin(folder, "bridge", f'exec {BIN}/bridge')
            write_plugin(folder, "portmap", f'[ "$CNI_CONTAINERID" != c2 ] || exit 3; exec {BIN}/portmap')
            code, told, words = run("--scene", "chain", "--n", "2", f"footbridge={folder}")
        self.assertEqual(code, 1, words)
        self.assertIn("chain, footbridge: 1 calls of ADD failed", words)
        self.assertEqual(told["scenes"][0]["sides"][0]["verbs"][0]["failures"], 1)

    def test_a_floor_that_leaves_less_than_the_plugins_fails_the_run(self):
        with tempfile.TemporaryDirectory() as folder:
            link_ipam(folder)
            write_plugin(folder, "bridge", f'exec {BIN}/bridge')
            write_plugin(folder, "portmap", f'{BIN}/portmap && ip -n "$CNI_CONTAINERID" link set eth0 mtu 1400 || true')
            code, _, words = run("--scene", "chain", "--n", "2", f"footbridge={folder}", "floor")
        self.assertEqual(code, 1, words)
        self.assertIn("the floor does not leave what our plugins leave", words)
        self.assertIn("1400", words)


if __name__ == "__main__":
    if os.geteuid() != 0:
        print("SKIP: needs root, for network namespaces")
        sys.exit(77)
    unittest.main()

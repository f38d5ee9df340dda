#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Measures pods: pods.py --json FILE [--n 15] [--where WORDS] [--version WORDS]... SIDE=SOCKET[,host]...

Calls RunPodSandbox, StopPodSandbox and RemovePodSandbox of the CRI at each socket, for one pod after the other. The
sides take turns in random order, so that other load on the machine affects all sides. A pod has a host port; with
",host" it is on the host network. The first pods of a side, which create its bridge and tables, are not counted.
"""
import argparse
import json
import os
import random
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "e2e/runtimes"))
from cri import Cri  # noqa: E402

WARM = 2
PAUSE = 0.5  # seconds: the kernel deletes the previous pod's network namespace, and the reference's leftover work ends


class Side:
    def __init__(self, word):
        self.name, _, where = word.partition("=")
        socket, _, self.kind = where.partition(",")
        self.cri = Cri(socket, os.environ["FOOTBRIDGE_RUNTIME_GROUP"])
        self.times = []
        self.cri.wait_for_network()

    def one_pod(self, number):
        """Returns its times in milliseconds."""
        is_on_host = self.kind == "host"
        begun = [time.monotonic()]
        pod = self.cri.run_pod(f"{self.name}-{number}", ports=() if is_on_host else [(8080, 80)],
                               host_network=is_on_host)
        begun.append(time.monotonic())
        pod.stop()
        begun.append(time.monotonic())
        pod.remove()
        begun.append(time.monotonic())
        return dict(zip(("run", "stop", "remove"), (1000 * (end - start) for start, end in zip(begun, begun[1:]))))


def in_turns(sides, pods):
    chance = random.Random(1)
    for number in range(-WARM, pods):
        for side in chance.sample(sides, len(sides)):
            time.sleep(PAUSE)
            times = side.one_pod(number)
            if number >= 0:
                side.times.append(times)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", metavar="FILE", type=Path, required=True)
    parser.add_argument("--n", type=int, default=15, help="pods per side")
    parser.add_argument("--where", metavar="WORDS", default="", help="location of the runtime's files, for the report")
    parser.add_argument("--version", metavar="WORDS", action="append", default=[], help="a version, for the report")
    parser.add_argument("sides", metavar="SIDE", nargs="+", type=Side)
    options = parser.parse_args()
    in_turns(options.sides, options.n)
    results = {"versions": options.version, "where": options.where,
            "sides": [{"side": side.name, "pods": side.times} for side in options.sides]}
    options.json.write_text(json.dumps(results, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()

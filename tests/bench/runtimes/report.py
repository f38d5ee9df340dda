#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The report of ./run bench runtimes: report.py [--strict] FILE...

Each file is pods.py's output of one run: the times of all pods of each side, in milliseconds. Prints the medians, their
ratios to a pod on the host network, and the targets. With --strict, exits with 1 if a target is not met.
"""
import argparse
import json
import sys
from pathlib import Path
from statistics import median

VERBS = {"run": "RunPodSandbox", "stop": "StopPodSandbox", "remove": "RemovePodSandbox"}
OURS, HOST = "footbridge", "host"
WORDS = {OURS: "Footbridge", "reference": "the reference plugins", "nothing": "plugins that do nothing",
         HOST: "on the host network"}
AT_MOST = {"run": 1.3, "stop": 2.0}  # ratio to a pod on the host network


class Run:
    def __init__(self, results):
        self.where, self.versions = results["where"], results["versions"]
        self.medians = {side["side"]: {verb: median(pod[verb] for pod in side["pods"]) for verb in VERBS}
                        for side in results["sides"]}
        self.pods = {side["side"]: len(side["pods"]) for side in results["sides"]}

    def ratio(self, side, verb):
        return self.medians[side][verb] / self.medians[HOST][verb]

    def title(self):
        pods = min(self.pods.values())
        return f"{', '.join(self.versions)}, its files {self.where}: medians of {pods} pods, in turns"

    def row(self, side):
        cells = [f"{self.medians[side][verb]:.1f} ms ({self.ratio(side, verb):.2f} ×)" for verb in VERBS]
        return f"| {WORDS.get(side, side)} | " + " | ".join(cells) + " |"

    def table(self):
        return [f"| a pod with | {' | '.join(VERBS.values())} |", "|---" * (1 + len(VERBS)) + "|", *map(self.row,
                                                                                                        self.medians)]

    def is_met(self, verb):
        return self.ratio(OURS, verb) <= AT_MOST[verb]

    def targets(self):
        for verb, limit in AT_MOST.items():
            verdict = "met" if self.is_met(verb) else "not met"
            yield (f"{VERBS[verb]} of {WORDS[OURS]} at most {limit} × that of a pod {WORDS[HOST]}: "
                   f"{self.ratio(OURS, verb):.2f} ×, {verdict} (the reference: {self.ratio('reference', verb):.1f} ×)")


def main(arguments):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", metavar="FILE", type=Path, nargs="+")
    parser.add_argument("--strict", action="store_true", help="exit with 1 if a target is not met")
    options = parser.parse_args(arguments)
    runs = [Run(json.loads(file.read_text(encoding="utf-8"))) for file in options.files]
    for run in runs:
        print("\n".join([run.title(), "", *run.table(), "", *run.targets(), ""]))
    return int(options.strict and not all(run.is_met(verb) for run in runs for verb in AT_MOST))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

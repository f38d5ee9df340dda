#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Runs the kernel tests under other kernels: run.py [--only WORD] SUITE...

Each Debian suite has its kernel in build/kernels/SUITE. Under each kernel run the tests of tests/netns and
tests/kernels, the demo, and e2e/least_privilege, each in its own guest (boot.py), two guests at a time. Prints a line
per test, its output if it fails, and at the end what was skipped and why, and a table. The exit code is 1 if a test
failed, or if none passed. FOOTBRIDGE_BIN, FOOTBRIDGE_SOURCE and FOOTBRIDGE_BUILD are set as for the tests.
"""
import argparse
import os
import re
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

SOURCE = Path(os.environ["FOOTBRIDGE_SOURCE"])
BUILD = Path(os.environ["FOOTBRIDGE_BUILD"])
LOGS = SOURCE / "build/logs/kernels"
GUESTS = 2
SKIPPED = 77
FIRST = ("kernels/conformance", "netns/firewall", "netns/matrix", "netns/bridge")  # the longest


@dataclass
class Outcome:
    suite: str
    test: str
    code: int
    seconds: float
    output: str

    def state(self):
        return {0: "passed", SKIPPED: "skipped"}.get(self.code, "FAILED")

    def skips(self):
        return re.findall(r"SKIP: *(.*)", self.output)


def all_tests():
    """Each test's name and command."""
    tests = {f"netns/{file.name[6:]}": [str(file)] for file in BUILD.glob("tests/netns_*") if file.is_file()}
    scripts = [file for file in SOURCE.glob("tests/kernels/*_test.sh") if file.name != "sample_test.sh"]
    for file in [*scripts, SOURCE / "tests/e2e/least_privilege_test.sh", SOURCE / "tests/demo/demo.sh"]:
        tests[f"{file.parent.name}/{file.stem.removesuffix('_test')}"] = ["bash", str(file), "--all"]
    return dict(sorted(tests.items(), key=lambda test: (test[0] not in FIRST, test[0])))


def folder(suite):
    return SOURCE / "build/kernels" / suite


def release(suite):
    """The kernel's version; "" if it is not there."""
    return next((path.name for path in folder(suite).glob("ready/modules/*")), "")


def run(suite, test, command):
    environment = {**os.environ, "FOOTBRIDGE_KERNEL": str(folder(suite)), "FOOTBRIDGE_KERNEL_SECONDS": "3600",
                   "FOOTBRIDGE_UNDER_KERNEL": "yes"}
    begun = time.monotonic()
    boot = [sys.executable, "-B", str(SOURCE / "tests/kernels/boot.py"), *command]
    done = subprocess.run(boot, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          env=environment, check=False)
    outcome = Outcome(suite, test, done.returncode, time.monotonic() - begun, done.stdout.decode(errors="replace"))
    log = LOGS / suite / f"{test.replace('/', '-')}.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    log.write_text(outcome.output)
    line = f"{release(suite):28} {test:24} {outcome.state():8} {outcome.seconds:5.0f} s"
    print(line if outcome.code in (0, SKIPPED) else f"{outcome.output}\n{line}", flush=True)
    return outcome


def report(suites, outcomes):
    for suite in suites:
        if not release(suite):
            print(f"skipped: kernel of {suite}: not in build/kernels, could not be fetched")
    for outcome in outcomes:
        for reason in outcome.skips():
            print(f"skipped: {release(outcome.suite)}: {outcome.test}: {reason}")
    columns = "passed", "FAILED", "skipped"
    print(f"\n| kernel | Debian | {' | '.join(columns)} | test cases skipped | seconds |")
    print("|---" * 7 + "|")
    for suite in filter(release, suites):
        own = [outcome for outcome in outcomes if outcome.suite == suite]
        counts = [sum(outcome.state() == column for outcome in own) for column in columns]
        cases = sum(len(outcome.skips()) for outcome in own if outcome.code != SKIPPED)
        seconds = sum(outcome.seconds for outcome in own)
        print("|", " | ".join(map(str, [release(suite), suite, *counts, cases, round(seconds)])), "|")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--only", default="", help="the tests whose name contains this")
    parser.add_argument("suite", nargs="+")
    options = parser.parse_args()
    jobs = [(suite, test, command) for suite in options.suite if release(suite)
            for test, command in all_tests().items() if options.only in test]
    with ThreadPoolExecutor(GUESTS) as guests:
        outcomes = list(guests.map(lambda job: run(*job), jobs))
    report(options.suite, outcomes)
    states = {outcome.state() for outcome in outcomes}
    return "FAILED" in states or "passed" not in states


sys.exit(main())

#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The conformance suite: the cases of tests/conformance/cases against a folder of plugins.

usage: run.py FOLDER-OF-PLUGINS [--report | --reference FOLDER] [--only WORDS] [--every N] [--conditional]
              [--cases FOLDER]

Every case is run on a host of its own (host.py); case.py and step.py say what is in a case. Without --report the plugins
must agree with all cases. With --report, for the reference plugins, the differences are told and nothing fails: those that
a case names in its "reference", and, one below the other, those that it does not. With --reference the cases are run, too,
in which one implementation takes down what the other one made.

The last line is "conformance: 412 cases, 412 pass". It does not count the skipped cases, which need another kernel. --only runs
the cases whose topic or sentence has these words, --every each Nth of them, --conditional those with "if".
Runs as root in a private host (tests/e2e/conformance_test.sh), only with Python's standard library.
"""
import argparse
import collections
import multiprocessing
import os
import sys
import traceback
from pathlib import Path

import answer
import case as cases
import host
import step

CANNOT_RUN = "the case cannot be run: "
HERE = Path(__file__).resolve().parent


def run(case, folder, reference):
    """The differences that a case shows, in a process that is used for nothing else."""
    found = []
    try:
        host.enter()
        host.set_up(case.get("host", {}))
        once = step.Run(case, folder, reference)
        try:
            found.extend(once.differences())
            return case, found
        finally:
            once.end()
    except Exception:  # what the case itself is wrong about
        return case, [CANNOT_RUN + traceback.format_exc(), *found]


def is_everywhere(difference):
    """What the reference does in every error: no cniVersion, and 999 where ours says more."""
    return answer.NO_VERSION in difference or ": code 999 instead of" in difference


def tell(case, differences, words):
    print(f"{words}: {case['topic']}: {case['about']}")
    for difference in differences:
        print("    " + difference.replace("\n", "\n    "))


def tell_named(named, agreeing):
    """The differences that cases give words for: the same words once, with the first of their cases. Words that no case
    needs are told too: the reference may have changed."""
    for words, all_of_them in named.items():
        first = all_of_them[0]
        print(f"differs, {len(all_of_them)} cases: the reference {words} ({first['topic']}: {first['about']})")
    for words, all_of_them in agreeing.items():
        if words not in named:
            tell(all_of_them[0], [f"the reference {words}"], "THE SAME, although the case says")


def possible(all_cases):
    """The cases whose condition holds. The others are printed: how many, and what they need."""
    counts = collections.Counter(case["if"] for case in all_cases if "if" in case)
    failing = {condition for condition in counts if not host.holds(condition)}
    for condition in failing:
        print(f"SKIP: {counts[condition]} cases need: {condition}")
    return [case for case in all_cases if case.get("if") not in failing]


def report(results, complete):
    """What the reference does otherwise; returns the words for the last line. A part of the cases
    cannot tell that a difference is gone: words are for several cases, not all of which show it."""
    count = {"the same": 0, "the same but for error codes": 0, "differ as the case says": 0, "differ otherwise": 0}
    named, agreeing = {}, {}
    for case, found in results:
        differences = [one for one in found if not is_everywhere(one)]
        if differences and "reference" in case and not differences[0].startswith(CANNOT_RUN):
            count["differ as the case says"] += 1
            named.setdefault(case["reference"], []).append(case)
        elif differences:
            count["differ otherwise"] += 1
            tell(case, differences, "DIFFERS OTHERWISE")
        else:
            count["the same but for error codes" if found else "the same"] += 1
            if "reference" in case:
                agreeing.setdefault(case["reference"], []).append(case)
    tell_named(named, agreeing if complete else {})
    return ", ".join(f"{number} {words}" for words, number in count.items())


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder")
    parser.add_argument("--report", action="store_true")
    parser.add_argument("--reference", type=os.path.realpath)
    parser.add_argument("--only", default="")
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--conditional", action="store_true")
    parser.add_argument("--cases", type=Path, default=HERE / "cases")
    options = parser.parse_args()
    folder = os.path.realpath(options.folder)
    all_cases = [case for path in sorted(options.cases.glob("*/*.json"))
                 for case in cases.cases_of(path, folder, options.reference)]
    all_cases = [case for case in all_cases if options.only in f"{case['topic']}: {case['about']}"]
    if not options.reference:
        all_cases = [case for case in all_cases if not any("by" in one for one in case["steps"])]
    if options.conditional:
        all_cases = [case for case in all_cases if "if" in case]
    all_cases = possible(all_cases[::options.every])
    with multiprocessing.get_context("fork").Pool(os.cpu_count(), maxtasksperchild=1) as pool:
        results = pool.starmap(run, [(case, folder, options.reference) for case in all_cases], chunksize=1)
    if options.report:
        print(f"reference: {len(results)} cases: {report(results, options.every == 1)}")
        return 0
    failed = [(case, differences) for case, differences in results if differences]
    for case, differences in failed:
        tell(case, differences, "FAILED")
    print(f"conformance: {len(results)} cases, {len(results) - len(failed)} pass")
    return 1 if failed or not results else 0


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The conformance suite: runs the cases of tests/conformance/cases with a folder of plugins.

usage: run.py FOLDER-OF-PLUGINS [--report | --reference FOLDER] [--only WORDS] [--every N] [--conditional]
              [--cases FOLDER]

Each case runs on its own host (host.py). case.py and step.py describe the format of cases. Without --report the plugins
must pass all cases. --report is for the reference plugins: it prints the differences and does not fail. Differences
that a case names in its "reference" are summarised, others are printed in full. --reference also runs the cases in
which one implementation deletes what the other one created.

The last line is "conformance: 412 cases, 412 pass". It does not count skipped cases, which need another kernel. --only
runs the cases whose topic or sentence contains these words, --every each Nth case, --conditional those with "if".
Runs as root in a private host (tests/e2e/conformance_test.sh), and needs only Python's standard library.
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
    """The differences of a case. Needs a new process for each case."""
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
    except Exception:  # an error in the case itself
        return case, [CANNOT_RUN + traceback.format_exc(), *found]


def is_everywhere(difference):
    """Is it a difference of all errors of the reference: no cniVersion, and code 999 instead of a specific one?"""
    return answer.NO_VERSION in difference or ": code 999 instead of" in difference


def print_case(case, differences, words):
    print(f"{words}: {case['topic']}: {case['about']}")
    for difference in differences:
        print("    " + difference.replace("\n", "\n    "))


def print_named(named, agreeing):
    """Prints the differences that cases name, each text once, with its first case. Also prints texts that no case
    needs: the reference may have changed."""
    for words, cases_of_words in named.items():
        first = cases_of_words[0]
        print(f"differs, {len(cases_of_words)} cases: the reference {words} ({first['topic']}: {first['about']})")
    for words, cases_of_words in agreeing.items():
        if words not in named:
            print_case(cases_of_words[0], [f"the reference {words}"], "NO DIFFERENCE, but the case says")


def possible(all_cases):
    """The cases whose condition is true. Prints the number of the others, and what they need."""
    counts = collections.Counter(case["if"] for case in all_cases if "if" in case)
    failing = {condition for condition in counts if not host.succeeds(condition)}
    for condition in failing:
        print(f"SKIP: {counts[condition]} cases need: {condition}")
    return [case for case in all_cases if case.get("if") not in failing]


def report(results, complete):
    """Prints how the reference differs; returns the text of the last line. complete: all cases were run. Otherwise it
    is unknown whether a named difference still exists, because not all cases that name it show it."""
    count = {"agree": 0, "agree except for error codes": 0, "differ as named": 0, "differ otherwise": 0}
    named, agreeing = {}, {}
    for case, found in results:
        differences = [one for one in found if not is_everywhere(one)]
        if differences and "reference" in case and not differences[0].startswith(CANNOT_RUN):
            count["differ as named"] += 1
            named.setdefault(case["reference"], []).append(case)
        elif differences:
            count["differ otherwise"] += 1
            print_case(case, differences, "DIFFERS OTHERWISE")
        else:
            count["agree except for error codes" if found else "agree"] += 1
            if "reference" in case:
                agreeing.setdefault(case["reference"], []).append(case)
    print_named(named, agreeing if complete else {})
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
        print_case(case, differences, "FAILED")
    print(f"conformance: {len(results)} cases, {len(results) - len(failed)} pass")
    return 1 if failed or not results else 0


if __name__ == "__main__":
    sys.exit(main())

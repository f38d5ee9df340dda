# SPDX-License-Identifier: Apache-2.0
"""Prints the summary of ./run test from CTest's JUnit file: summary.py FILE.

The summary has the differences to the reference, the reasons for skipped tests, the counts that tests print, and the
number of test cases inside the executables.
"""
import re
import sys
import xml.etree.ElementTree as tree

# Lines with the counts of a test.
COUNTED = (r"^(?:(?:conformance|reference|recordings|sanitized): \d"
           r"|(?:system calls|faults|kills|flood|fuzz|inputs|packages|runtimes): ).*")
cases = skips = 0
counts = []
for test in tree.parse(sys.argv[1]).getroot().iter("testcase"):
    output = test.findtext("system-out") or ""
    cases += sum(int(n) for n in re.findall(r"^\[doctest\] test cases:\s*(\d+)", output, re.M))
    cases += sum(int(n) for n in re.findall(r"^Ran (\d+) tests? in", output, re.M))
    for difference in re.findall(r"^(?:differs|DIFFERS|THE SAME).*", output, re.M):
        print(difference)
    counts += re.findall(COUNTED, output, re.M)
    reasons = re.findall(r"SKIP: *(.*)", output)
    if test.find("skipped") is not None and not reasons:
        reasons = [(output.strip().splitlines() or ["no reason given"])[-1]]
    for reason in reasons:
        skips += 1
        print(f"skipped: {test.get('name')}: {reason}")
for count in sorted(counts):
    print(count)
print(f"{cases} test cases inside the executables; {skips} skipped")

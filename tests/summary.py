# SPDX-License-Identifier: Apache-2.0
"""What ./run test prints at its end, from CTest's JUnit file: summary.py FILE.

Where the reference differs, the reasons of skipped tests, what the conformance suite, the recordings and others count, and how
many test cases ran inside the executables.
"""
import re
import sys
import xml.etree.ElementTree as tree

# What a test's line begins with that counts what was tried.
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
        reasons = [(output.strip().splitlines() or ["it does not say why"])[-1]]
    for reason in reasons:
        skips += 1
        print(f"skipped: {test.get('name')}: {reason}")
for count in sorted(counts):
    print(count)
print(f"{cases} test cases inside the executables; {skips} skipped")

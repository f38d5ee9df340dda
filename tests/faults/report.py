#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Prints the table of fb_faults' results: Footbridge and the reference.

  report.py [--version-of NAME=VERSION]... OURS.json REFERENCE.json     prints the table
  report.py ... --publish                                               also writes it into docs/reliability.md

The files are written by fb_faults --json. The exit code is 1 if the page has no marks for the table.
"""
import argparse
import json
import sys
from datetime import date
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]
BEGIN, END = "<!-- faults -->", "<!-- /faults -->"
VERBS = ["ADD", "DEL", "CHECK", "GC"]
KINDS = ["faults", "kills"]


def scenes_of(results):
    """In the order of our results, then the scenes of the reference only."""
    names = []
    for result in results:
        for row in result["rows"]:
            if row["scene"] not in names:
                names.append(row["scene"])
    return names


def cell(result, scene, verb, kind):
    """"3 of 420", "0 of 12"; "-" without injections."""
    rows = [row for row in result["rows"]
            if row["kind"] == kind and scene in (None, row["scene"]) and verb in (None, row["verb"])]
    tried = sum(row["injections"] for row in rows)
    return f"{sum(row['violations'] for row in rows)} of {tried:,}" if tried else "-"


def table(ours, reference):
    results = [ours, reference]
    lines = ["| chain | call | Footbridge: faults | kills | reference: faults | kills |", "|---|---|---|---|---|---|"]
    for scene in scenes_of(results):
        for verb in VERBS:
            cells = [cell(result, scene, verb, kind) for result in results for kind in KINDS]
            if any(one != "-" for one in cells):
                lines.append(f"| {scene} | {verb} | " + " | ".join(cells) + " |")
    cells = [cell(result, None, None, kind) for result in results for kind in KINDS]
    lines.append("| **all** | | " + " | ".join(f"**{one}**" for one in cells) + " |")
    return "\n".join(lines)


def heading(ours, reference, versions):
    machine = ours["machine"]
    places = sum(row["places"] for row in ours["rows"] if row["kind"] == "faults")
    sides = ", ".join(f"{name} {version}" for name, version in versions.items())
    return (f"Violations of all injections: {sides}; Linux {machine['kernel']}, {machine['system']}, {ours['date']}. "
            f"Footbridge: all system calls ({places:,} that can fail). Reference (with iptables): a sample, seed "
            f"{reference['seed']}.")


def section(ours, reference, versions):
    return heading(ours, reference, versions) + "\n\n" + table(ours, reference)


def between_marks(text, inner):
    begin, end = text.find(BEGIN), text.find(END)
    if begin < 0 or end < begin:
        raise ValueError(f"marks not found: {BEGIN} ... {END}")
    return f"{text[:begin + len(BEGIN)]}\n{inner}\n{text[end:]}"


def read(path):
    result = json.loads(path.read_text(encoding="utf-8"))
    result.setdefault("date", date.fromtimestamp(path.stat().st_mtime).isoformat())
    return result


def main(arguments):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("ours", type=Path)
    parser.add_argument("reference", type=Path)
    parser.add_argument("--version-of", metavar="NAME=VERSION", action="append", default=[])
    parser.add_argument("--publish", action="store_true", help="write the table into the page")
    parser.add_argument("--page", type=Path, default=TOP / "docs/reliability.md")
    options = parser.parse_args(arguments)
    versions = dict(one.split("=", 1) for one in options.version_of)
    ours, reference = read(options.ours), read(options.reference)
    text = section(ours, reference, versions)
    print(text)
    for line in ours["lines"] + ["reference: " + line for line in reference["lines"]]:
        print(line)
    if options.publish:
        try:
            filled = between_marks(options.page.read_text(encoding="utf-8"), text)
            options.page.write_text(filled, encoding="utf-8")
        except (OSError, ValueError) as error:
            print(f"report.py: {options.page}: {error}", file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The report of ./run bench: python3 report.py [FILE...]

Reads the drivers' output (build/bench/calls.json and traffic.json), prints a report in Markdown with the targets, and
writes it and its charts (SVG) beside the first file. A slow machine is not an error: only with --strict, exits with 1
if a target is not met or was not measured.

--publish FOLDER also copies all files to that folder, and writes the summary into docs/performance.md between its
marks.
"""
import argparse
import os
import shutil
import sys
from pathlib import Path

from report_charts import charts
from report_results import machine_text, read, versions_text
from report_tables import scene_sections, summary_table, target_table
from report_targets import targets

TOP = Path(__file__).resolve().parents[2]
BEGIN, END = "<!-- bench -->", "<!-- /bench -->"
CHART_WORDS = {
    "size.svg": "ADD and DEL against the number of existing attachments",
    "chain.svg": "ADD and DEL of one container, one bar per side",
    "at-once.svg": "operations per second, 8 and 32 at once",
    "connections.svg": "new connections per second with 10 and 2,000 published ports",
}


def images(names, folder=""):
    return "\n\n".join(f"![{CHART_WORDS[name]}]({folder}{name})" for name in names)


def origin(results):
    return f"{machine_text(results.machine)}. {versions_text(results.versions)}."


def target_count(judged):
    met = sum(target.is_met is True for target in judged)
    missing = sum(target.is_met is None for target in judged)
    return f"{met} of {len(judged)} targets are met" + (f"; {missing} could not be measured" if missing else "") + "."


def report(results, judged, drawn):
    parts = ["# How fast Footbridge is", origin(results), *results.missing,
             "## In short", summary_table(results), images(drawn),
             "## Targets", "Ratios of medians within one run.", target_table(judged), target_count(judged),
            "## What was measured", "For concurrent calls, sides are compared by 1 / calls per second.",
             scene_sections(results)]
    return "\n\n".join(part for part in parts if part).rstrip() + "\n"


def page_section(results, judged, drawn, folder):
    """The text between the marks. folder: the charts' folder, relative to the page."""
    parts = [f"Measured on {origin(results)} Medians of one run, with the sides in turns.", summary_table(results),
             images([name for name in ("size.svg", "chain.svg", "connections.svg") if name in drawn], folder + "/"),
            f"{target_count(judged)} [{folder}/report.md]({folder}/report.md) lists them with all numbers."]
    return "\n\n".join(part for part in parts if part)


def between_marks(text, section):
    """The text with the section between its marks; raises ValueError if it has no marks."""
    begin, end = text.find(BEGIN), text.find(END)
    if begin < 0 or end < begin:
        raise ValueError(f"no marks {BEGIN} ... {END} for the summary")
    return f"{text[:begin + len(BEGIN)]}\n{section}\n{text[end:]}"


def write(folder, text, drawn):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "report.md").write_text(text, encoding="utf-8")
    for name, svg in drawn.items():
        (folder / name).write_text(svg, encoding="utf-8")


def publish(options, results, judged, drawn):
    section = page_section(results, judged, drawn, os.path.relpath(options.publish, options.page.parent))
    filled = between_marks(options.page.read_text(encoding="utf-8"), section)
    for old in options.publish.glob("*.svg"):
        old.unlink()
    write(options.publish, report(results, judged, drawn), drawn)
    for file in options.files:
        if file.exists() and file.parent.resolve() != options.publish.resolve():
            shutil.copy(file, options.publish / file.name)
    options.page.write_text(filled, encoding="utf-8")


def parse_arguments(arguments):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    built = TOP / "build"
    parser.add_argument("files", metavar="FILE", type=Path, nargs="*",
                        default=[built / "bench/calls.json", built / "bench/traffic.json"], help="the drivers' output")
    parser.add_argument("--executable", type=Path, default=built / "release/bin/footbridge",
                        help="its size is a target")
    parser.add_argument("--out", type=Path, help="folder for the report; default: the folder of the first FILE")
    parser.add_argument("--publish", type=Path, metavar="FOLDER", help="copy all files there, and update the page")
    parser.add_argument("--page", type=Path, default=TOP / "docs/performance.md")
    parser.add_argument("--strict", action="store_true", help="exit with 1 if a target is not met or not measured")
    return parser.parse_args(arguments)


def main(arguments):
    options = parse_arguments(arguments)
    results = read(options.files)
    size = options.executable.stat().st_size if options.executable.exists() else None
    judged = targets(results, size)
    drawn = charts(results)
    text = report(results, judged, drawn)
    write(options.out or options.files[0].parent, text, drawn)
    print(text, end="")
    if options.publish:
        try:
            publish(options, results, judged, drawn)
        except (OSError, ValueError) as error:
            print(f"report.py: {options.page}: {error}", file=sys.stderr)
            return 1
    return int(options.strict and not all(target.is_met for target in judged))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Checks the shape and the texts of the tree: python3 check.py [TOP].

Fails on: an include against lib/areas.txt, a circle of areas or files, a plugin that includes another one, a
meaningless folder name (util, common ...), a file that is too long, a folder with too many files, an unknown name at
the top, a path of one machine, a shell started by the product; on errors in documents (documents.py) and texts
(texts.py). Prints the lengths of files and functions, and the number of sources per folder.
"""
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

from documents import check_documents, check_picture
from functions import functions, without_comments
from texts import check_licences, check_words_and_columns

TOP_NAMES = set("""CMakeLists.txt CMakePresets.json README.md run lib plugins ipam cli tests conf-examples docs LICENSE
    CONTRIBUTING.md CHANGELOG.md SECURITY.md VERSION .clang-format .clang-tidy .ci .gitignore""".split())
MEANINGLESS = {"util", "utils", "common", "helper", "helpers", "misc"}
PRODUCT = ("lib/", "plugins/", "ipam/", "cli/")
SOURCE_SUFFIXES = {".cpp", ".h", ".py", ".sh", ".go"}
GENERATED = {"footbridge_version.h", "footbridge_plugins.h"}
LINES_PER_FILE = 450
LINES_PER_FUNCTION = 60
# Folders, file names, and the allowed number of such files in one folder, without its subfolders.
FILES_PER_FOLDER = [
    (r"lib/.+", "*.cpp", 20),
    (r"cli", "*", 16),
]

INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*"([^"\n]+)"', re.M)
SHELL = re.compile(r"(?<![\w.>])(system|popen)\s*\(")
# Composed, so that this file does not contain such a path.
MACHINE_PATH = re.compile(r"(?<![\w.}-])/(?:%s)/" % "|".join(["wo" + "rk", "fa" + "rm"]))


def read_areas(path):
    """areas.txt as {area: set of areas it may include}."""
    areas = {}
    for line in path.read_text().splitlines():
        if line.strip() and not line.startswith("#"):
            area, uses = line.split(":")
            areas[area.strip()] = set(uses.split())
    return areas


def tracked_files(top):
    """The files that git tracks or would track; outside a checkout, all files except the build folder."""
    git = subprocess.run(["git", "-C", str(top), "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
                         stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)
    if git.returncode == 0 and (top / ".git").exists():
        names = git.stdout.decode().split("\0")
    else:
        names = [p.relative_to(top).as_posix() for p in top.rglob("*")]
        names = [n for n in names if n.split("/")[0] not in ("build", ".git") and "__pycache__" not in n]
    return sorted(n for n in names if n and (top / n).is_file())


def area_of(name, areas):
    """The area of a file: cli; plugins/bridge for plugins/bridge/config.h and plugins/bridge.cpp; for lib/ the nearest
    folder above the file that has a row."""
    parts = name.split("/")
    if parts[0] == "cli":
        return "cli"
    if parts[0] == "lib":
        above = [folder.as_posix() for folder in Path(name).parents if len(folder.parts) > 1]
        return next((folder for folder in above if folder in areas), above[-1] if above else None)
    if parts[0] in ("plugins", "ipam") and len(parts) > 1:
        return parts[0] + "/" + parts[1].split(".")[0]
    return None


def row_of(area):
    return re.sub(r"^(plugins|ipam)/.*", r"\1/*", area)


def may_include(areas, source, target):
    if source == target:
        return True
    allowed = areas.get(row_of(source), set())
    return "*" in allowed or target in allowed


def circle(edges):
    """A circle in {node: nodes}, as a list that ends with its first node, or None."""
    done = set()

    def visit(node, way):
        if node in way:
            return way[way.index(node):] + [node]
        if node in done:
            return None
        for following in sorted(edges.get(node, ())):
            found = visit(following, way + [node])
            if found:
                return found
        done.add(node)
        return None

    return next((found for found in (visit(node, []) for node in sorted(edges)) if found), None)


def check_names(names):
    for top_name in sorted({n.split("/")[0] for n in names} - TOP_NAMES):
        yield f"{top_name}: this name is not allowed at the top of the tree"
    folders = {f for n in names for f in Path(n).parents}
    for folder in sorted(folders):
        if folder.name.lower() in MEANINGLESS:
            yield f"{folder}: a folder's name states its content; a function belongs to the type of its first argument"


def check_mirror(names):
    """A folder of tests needs its source: tests/lib/os needs lib/os, tests/plugins/loopback a folder or file
    loopback."""
    tested = {folder.as_posix() for n in names for folder in (*Path(n).parents, Path(n).with_suffix(""))}
    mirrored = {Path(n).parent.as_posix() for n in names if re.match(r"tests/(lib|plugins|ipam|cli)/", n)}
    for folder in sorted(mirrored):
        if folder.removeprefix("tests/") not in tested:
            yield f"{folder}: {folder.removeprefix('tests/')} does not exist"


def check_folders(names):
    for folders, pattern, limit in FILES_PER_FOLDER:
        counts = Counter(Path(n).parent.as_posix() for n in names if Path(n).match(pattern))
        for folder, count in sorted(counts.items()):
            if re.fullmatch(folders, folder) and count > limit:
                yield f"{folder}: {count} files {pattern}; allowed: {limit}"


def check_includes(areas, texts):
    files = {}
    for name, text in texts.items():
        if not name.startswith(PRODUCT) or not name.endswith((".cpp", ".h")):
            continue
        source = area_of(name, areas)
        if source and row_of(source) not in areas:
            yield f"{name}: {source} has no row in lib/areas.txt"
        files[name] = set()
        for target in INCLUDE.findall(without_comments(text, keep_strings=True)):
            if target in GENERATED:
                continue
            if target not in texts:
                yield f'{name}: "{target}" is not a file relative to the top of the tree'
                continue
            files[name].add(target)
            to = area_of(target, areas)
            if to is None:
                yield f'{name}: the product includes "{target}"'
            elif not may_include(areas, source, to):
                yield f'{name}: {source} must not include "{target}" (lib/areas.txt)'
    found = circle(files)
    if found:
        yield "files include each other in a circle: " + " -> ".join(found)


def check_texts(texts):
    for name, text in texts.items():
        if MACHINE_PATH.search(text):
            yield f"{name}: contains a path of one machine: {MACHINE_PATH.search(text).group(0)}"
        if not is_source(name):
            continue
        lines = text.count("\n")
        if lines > LINES_PER_FILE:
            yield f"{name}: {lines} lines; allowed: {LINES_PER_FILE}"
        if name.startswith(PRODUCT) and name.endswith((".cpp", ".h")):
            for match in SHELL.finditer(without_comments(text)):
                yield f"{name}: {match.group(1)}() starts a shell"


def is_source(name):
    return Path(name).suffix in SOURCE_SUFFIXES or name in ("run", ".ci/run")


def spread(sizes):
    sizes = sorted(sizes) or [0]
    ninety = sizes[(len(sizes) - 1) * 9 // 10]
    return f"median {sizes[len(sizes) // 2]}, nine of ten up to {ninety}, longest {sizes[-1]}"


def print_sizes(texts):
    cpp = {n: t for n, t in texts.items() if n.endswith((".cpp", ".h"))}
    for what, chosen in (("product", {n: t for n, t in cpp.items() if n.startswith(PRODUCT)}),
                         ("tests", {n: t for n, t in cpp.items() if n.startswith("tests/")})):
        if not chosen:
            continue
        found = [(size, name, line, called) for name, text in chosen.items() for called, line, size in functions(text)]
        print(f"{what}: {len(chosen)} files, lines: {spread([t.count(chr(10)) for t in chosen.values()])}")
        print(f"{what}: {len(found)} functions, lines: {spread([f[0] for f in found])}")
        sources = Counter(Path(n).parent for n in chosen if n.endswith(".cpp"))
        print(f"{what}: {len(sources)} folders, sources: {spread(sources.values())}")
        for size, name, line, called in sorted(found, reverse=True):
            if size > LINES_PER_FUNCTION:
                print(f"  long: {name}:{line} {called}: {size} lines")


def problems(top, areas):
    names = tracked_files(top)
    texts = {n: (top / n).read_text(errors="replace") for n in names}
    found = circle({area: uses - {"*"} for area, uses in areas.items()})
    if found:
        yield "lib/areas.txt has a circle: " + " -> ".join(found)
    yield from check_names(names)
    yield from check_mirror(names)
    yield from check_folders(names)
    yield from check_includes(areas, texts)
    yield from check_texts(texts)
    yield from check_documents(texts)
    yield from check_picture(texts)
    yield from check_licences(texts)
    yield from check_words_and_columns(texts)
    print_sizes(texts)


def main(arguments):
    here = Path(__file__).resolve().parent
    top = Path(arguments[0] if arguments else here.parent.parent).resolve()
    areas = read_areas(top / "lib/areas.txt")
    found = list(problems(top, areas))
    for problem in found:
        print(f"FAIL {problem}")
    print(f"{len(found)} problems" if found else "the tree is in order")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

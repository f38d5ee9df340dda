# SPDX-License-Identifier: Apache-2.0
"""Case files: what is in them, and how a file becomes the cases that are run.

A file is an object, the case, or an object with "cases": a list of objects that each inherit what the file says. Keys:

  about      what must hold, a sentence
  for        the family: {"version": "0.3.0 1.0.0", "plugin": ["bridge", "ptp"]} is every combination (words or a list of
             values; the word "all" is every version, or every plugin in the tree, and "-firewall" is one less; of
             "each", whose values are objects, the keys are the names); a list of objects is a table, a row for each case
  conf       the configuration of every call; a merge patch (RFC 7396) onto what is inherited, with null for a key to leave out
  if         a shell command: where it fails the case is skipped; it runs once, in a network namespace of its own
  host       {"netns": "box other", "run": [shell commands], "files": {path: text, or lines, or [mode, text]}}
  steps      what is done in turn and what must come of it: see step.py
  reference  what the reference plugins do instead, in words, where ours differ on purpose

$name in any text is the value of that name in "for"; a text that is nothing but $name is replaced by the value itself.
$folder is the folder of plugins, $reference that of the reference's, or nothing.
"""
import copy
import itertools
import json
import re
from pathlib import Path

VERSIONS = ["0.1.0", "0.2.0", "0.3.0", "0.3.1", "0.4.0", "1.0.0", "1.1.0"]
TOP = Path(__file__).resolve().parent.parent.parent
PLUGINS = sorted(path.stem for area in ("plugins", "ipam") for path in (TOP / area).iterdir()
                 if path.is_dir() or path.suffix == ".cpp")

KEYS = {"about", "for", "if", "conf", "host", "steps", "reference", "cases"}


def merged(old, patch):
    """RFC 7396; keys keep their order, new ones come last."""
    if not isinstance(patch, dict):
        return copy.deepcopy(patch)
    result = dict(old) if isinstance(old, dict) else {}
    for key, value in patch.items():
        if value is None:
            result.pop(key, None)
        else:
            result[key] = merged(result.get(key), value)
    return result


def substituted(value, names):
    if isinstance(value, dict):
        return {substituted(key, names): substituted(inner, names) for key, inner in value.items()}
    if isinstance(value, list):
        return [substituted(inner, names) for inner in value]
    if not isinstance(value, str):
        return value
    whole = re.fullmatch(r"\$([a-z_]+)", value)
    if whole and whole[1] in names:
        return names[whole[1]]
    return re.sub(r"\$([a-z_]+)", lambda found: str(names.get(found[1], found[0])), value)


def values_of(name, words):
    """["1.0.0", "1.1.0"] of "1.0.0 1.1.0", and all plugins but two of "all -firewall -tuning"."""
    words = words.split()
    every = {"version": VERSIONS, "plugin": PLUGINS}.get(name)
    if not every or "all" not in words:
        return words
    return [value for value in every if f"-{value}" not in words]


def rows(family):
    """The values of the names for each member of a family."""
    if isinstance(family, list):
        return family
    columns = []
    for name, values in family.items():
        if isinstance(values, str):
            values = values_of(name, values)
        columns.append([value if name == "each" else {name: value} for value in values])
    return [{name: value for part in row for name, value in part.items()} for row in itertools.product(*columns)]


def inherit(file, case):
    unknown = set(case) - KEYS
    if unknown:
        raise ValueError(f"unknown keys {sorted(unknown)}")
    result = {**file, **case}
    result["conf"] = merged(file.get("conf", {}), case.get("conf", {}))
    result["host"] = {**file.get("host", {}), **case.get("host", {})}
    return result


def cases_of(path, folder, reference):
    """The cases of a file, ready to run: no names are left in them."""
    file = json.loads(path.read_text())
    if set(file) - KEYS:
        raise ValueError(f"{path}: unknown keys {sorted(set(file) - KEYS)}")
    inherited = {key: value for key, value in file.items() if key != "cases"}
    for one in file.get("cases", [{}]):
        case = inherit(inherited, one)
        for row in rows(case.pop("for", {})):
            whole = substituted(case, {"folder": folder, "reference": reference or "", **row})
            whole["topic"] = path.parent.name
            yield whole

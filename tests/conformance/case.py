# SPDX-License-Identifier: Apache-2.0
"""Case files: their format, and how a file is expanded into cases.

A file is an object: a case, or an object with "cases", a list of objects that inherit the file's other keys. Keys:

  about      the expected behaviour, a sentence
  for        the parameters: {"version": "0.3.0 1.0.0", "plugin": ["bridge", "ptp"]} means each combination. A value is
             a text of words or a list. "all" means each version, or each plugin in the tree; "-firewall" excludes one.
             The values of "each" and "each_..." are objects with several parameters. A list of objects is a table: one
             row per case. The parameters of a file and of a case in it are combined
  conf       the configuration of all calls; merged (RFC 7396) into the inherited one; null deletes a key
  if         a shell command; if it fails, the case is skipped. It runs once, in its own network namespace
  host       {"netns": "box other", "run": [shell commands], "files": {path: text, or lines, or [mode, text]}}
  steps      calls and commands with their expectations: see step.py
  reference  the reference's behaviour, in words, if ours differs on purpose

$name in a text is replaced by the parameter's value; a text that is only $name becomes the value itself, of any type.
$folder is the folder of plugins, $reference the reference's folder, or empty.
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
    """RFC 7396. Keys keep their order; new keys are appended."""
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
    parameter = re.fullmatch(r"\$([a-z_]+)", value)
    if parameter and parameter[1] in names:
        return names[parameter[1]]
    return re.sub(r"\$([a-z_]+)", lambda found: str(names.get(found[1], found[0])), value)


def values_of(name, words):
    """["1.0.0", "1.1.0"] for "1.0.0 1.1.0"; all plugins except two for "all -firewall -tuning"."""
    words = words.split()
    every = {"version": VERSIONS, "plugin": PLUGINS}.get(name)
    if not every or "all" not in words:
        return words
    return [value for value in every if f"-{value}" not in words]


def rows(family):
    """The parameters of each case."""
    if isinstance(family, list):
        return family
    columns = []
    for name, values in family.items():
        if isinstance(values, str):
            values = values_of(name, values)
        columns.append([value if name.startswith("each") else {name: value} for value in values])
    return [{name: value for part in row for name, value in part.items()} for row in itertools.product(*columns)]


def inherit(file, case):
    unknown = set(case) - KEYS
    if unknown:
        raise ValueError(f"unknown keys {sorted(unknown)}")
    result = {**file, **case}
    result["conf"] = merged(file.get("conf", {}), case.get("conf", {}))
    if isinstance(file.get("for"), dict) and isinstance(case.get("for"), dict):
        result["for"] = {**file["for"], **case["for"]}
    result["host"] = {**file.get("host", {}), **case.get("host", {})}
    return result


def cases_of(path, folder, reference):
    """The cases of a file, with all parameters substituted."""
    file = json.loads(path.read_text())
    if set(file) - KEYS:
        raise ValueError(f"{path}: unknown keys {sorted(set(file) - KEYS)}")
    inherited = {key: value for key, value in file.items() if key != "cases"}
    for one in file.get("cases", [{}]):
        case = inherit(inherited, one)
        for row in rows(case.pop("for", {})):
            one_case = substituted(case, {"folder": folder, "reference": reference or "", **row})
            one_case["topic"] = path.parent.name
            yield one_case

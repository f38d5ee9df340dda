# SPDX-License-Identifier: Apache-2.0
"""Checks Kubernetes' objects against the models of its Python client (Debian's python3-kubernetes, unpacked: API of
1.22).

The models are read as text: importing them would need a dozen more packages.
"""
import ast
import re
from functools import lru_cache
from pathlib import Path

SCALARS = {"str": str, "int": int, "bool": bool, "float": (int, float), "datetime": str}
# "object" in a model means several types, for example IntOrString.
ANY = {"object"}


class Model:
    """One type: {JSON key: type}, and the required keys."""

    def __init__(self, text):
        tables = {}
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and isinstance(node.value,
                                                                                                     ast.Dict):
                tables[node.targets[0].id] = ast.literal_eval(node.value)
        keys = tables["attribute_map"]
        self.types = {keys[name]: kind for name, kind in tables["openapi_types"].items()}
        self.required = {keys[name] for name in re.findall(r"Invalid value for `(\w+)`, must not be `None`", text)}


class Api:
    def __init__(self, folder):
        self.folder = Path(folder)

    @lru_cache(maxsize=None)
    def model(self, name):
        """V1DaemonSet is in v1_daemon_set.py."""
        words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower()
        return Model((self.folder / f"{words}.py").read_text())

    def problems(self, value, kind, path=""):
        """The problems of a value of that type, each as "path: text"."""
        listed = re.fullmatch(r"list\[(.+)\]", kind)
        mapped = re.fullmatch(r"dict\(str, (.+)\)", kind)
        if kind in ANY:
            return
        if kind in SCALARS:
            if not isinstance(value, SCALARS[kind]) or (isinstance(value, bool) and kind != "bool"):
                yield f"{path}: {value!r} is not of type {kind}"
        elif listed:
            if not isinstance(value, list):
                yield f"{path}: not a list"
                return
            for number, item in enumerate(value):
                yield from self.problems(item, listed.group(1), f"{path}[{number}]")
        elif not isinstance(value, dict):
            yield f"{path}: not an object"
        elif mapped:
            for key, item in value.items():
                yield from self.problems(item, mapped.group(1), f"{path}.{key}")
        else:
            yield from self.problems_of_model(value, self.model(kind), path)

    def problems_of_model(self, value, model, path):
        for key in sorted(model.required - value.keys()):
            yield f"{path}: {key} is missing"
        for key, item in value.items():
            if key not in model.types:
                yield f"{path}: unknown field {key}"
            else:
                yield from self.problems(item, model.types[key], f"{path}.{key}")

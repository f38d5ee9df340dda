# SPDX-License-Identifier: Apache-2.0
"""Reads the drivers' results from their JSON.

A file is {"machine": {...}, "versions": {...}, "scenes": [...]}. A scene has a name, conditions ("at_once",
"attachments",
"ports") and sides. A side of calls has verbs with their numbers, a side of traffic its numbers; a side that was not
measured has the reason in "left_out". Times are in milliseconds, memory is in KiB, "per_s" is per second.
"""
import json
from pathlib import Path

OURS = "footbridge"
FLOOR = "floor"  # bench_floor: the least kernel work for the same state
NO_NAT = "none"  # traffic that is only routed
REFERENCES = ("reference-nftables", "reference-iptables")
WORDS = {
    OURS: "Footbridge",
    "reference-nftables": "reference, nftables",
    "reference-iptables": "reference, iptables",
    FLOOR: "the floor",
    NO_NAT: "no NAT",
}


def side_words(name):
    return WORDS.get(name, name)


class NotMeasured(Exception):
    """A number is missing; the text says which."""


class Results:
    def __init__(self, documents, missing=()):
        """missing: sentences about files that could not be read."""
        self.machine = next((d["machine"] for d in documents if d.get("machine")), {})
        self.versions = {}
        self.scenes = []
        self.missing = list(missing)
        for document in documents:
            self.versions.update(document.get("versions", {}))
            self.scenes += document.get("scenes", [])

    def named(self, name):
        """All scenes of that name; they differ in their conditions."""
        return [scene for scene in self.scenes if scene["scene"] == name]

    def scene(self, name, **conditions):
        for scene in self.named(name):
            if all(scene.get(key) == value for key, value in conditions.items()):
                return scene
        raise NotMeasured(" ".join(["no scene", name, *(f"with {v} {k.replace('_', ' ')}" for k,
                                                        v in conditions.items())]))

    def number(self, name, side, field, verb=None, **conditions):
        """Raises NotMeasured."""
        return number(self.scene(name, **conditions), side, field, verb)

    def find(self, name, side, field, verb=None, **conditions):
        """The number, or None."""
        try:
            return self.number(name, side, field, verb, **conditions)
        except NotMeasured:
            return None


def number(scene, side, field, verb=None):
    """A measured number of a side; raises NotMeasured."""
    where = f"{side_words(side)} in scene {scene['scene']}"
    found = side_of(scene, side)
    if found is None:
        raise NotMeasured(f"scene {scene['scene']} has no side {side}")
    if found.get("left_out"):
        raise NotMeasured(f"{where} was left out: {found['left_out']}")
    if verb is not None:
        found = verb_of(scene, side, verb)
        where = f"{verb} of {where}"
    if found.get(field) is None:
        raise NotMeasured(f"no {field} of {where}")
    return found[field]


def verb_of(scene, side, verb):
    """The numbers of one verb; empty if there are none."""
    return next((one for one in (side_of(scene, side) or {}).get("verbs", []) if one["verb"] == verb), {})


def side_of(scene, name):
    return next((side for side in scene["sides"] if side["side"] == name), None)


def sides_of(scenes):
    """The names of all sides, in the order of their first appearance."""
    return list(dict.fromkeys(side["side"] for scene in scenes for side in scene["sides"]))


def verbs_of(scene):
    return list(dict.fromkeys(verb["verb"] for side in scene["sides"] for verb in side.get("verbs", [])))


def read(paths):
    documents = []
    missing = []
    for path in paths:
        try:
            documents.append(json.loads(Path(path).read_text(encoding="utf-8")))
        except OSError as error:
            missing.append(f"{Path(path).name} is missing from this report: cannot read it: {error.strerror}.")
        except ValueError as error:
            missing.append(f"{Path(path).name} is missing from this report: not valid JSON: {error}.")
    return Results(documents, missing)


def number_text(value):
    """Three significant digits, all digits from 1,000 on, two below 0.1."""
    if value >= 100:
        return f"{value:,.0f}"
    if 0 < value < 0.1:
        return f"{value:.3f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def failed_text(verb):
    return f"{verb.get('failures', 0)} of {verb.get('calls', 0)}"


def machine_text(machine):
    """One line with the machine's relevant properties."""
    parts = []
    if machine.get("cpus"):
        parts.append(f"{machine['cpus']} CPU{'s' if machine['cpus'] != 1 else ''} ({machine.get('model', 'unknown')})")
    if machine.get("memory_gib"):
        parts.append(f"{machine['memory_gib']} GiB of memory")
    if machine.get("kernel"):
        parts.append("Linux " + machine["kernel"].split("-")[0])
    if machine.get("system"):
        parts.append(machine["system"])
    if machine.get("store"):
        parts.append(f"the store on {machine['store']}")
    return ", ".join(parts) or "an unknown machine"


def versions_text(versions):
    known = [f"{'Footbridge' if name == OURS else name + ' plugins'} {version}" for name, version in versions.items()]
    return ", ".join(known) or "versions unknown"

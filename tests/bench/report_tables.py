# SPDX-License-Identifier: Apache-2.0
"""Tables in Markdown: the scenes with their ratios, the targets, and the summary for docs/performance.md."""
from report_results import (FLOOR, NO_NAT, OURS, REFERENCES, failed_text, number_text, side_of, side_words, sides_of,
                            verb_of, verbs_of)

ABSENT = "-"
KIB_PER_MIB = 1024


def table(head, rows):
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows])


def text_of(value):
    return ABSENT if value is None else number_text(value)


def ratio_text(value, compared):
    return ABSENT if not value or not compared else f"{number_text(value / compared)} ×"


def left_out_text(scenes):
    """A line for each side that was left out of a scene."""
    found = {}
    for scene in scenes:
        for side in scene["sides"]:
            if side.get("left_out"):
                found.setdefault(f"{side_words(side['side'])} was left out: {side['left_out']}", []).append(scene)
    return "".join(f"\n{words}{conditions_text(where, scenes)}.\n" for words, where in found.items())


def conditions_text(some, scenes):
    """The conditions that distinguish some of the scenes."""
    for key, words in (("attachments", "attachments"), ("ports", "ports")):
        if len(scenes) > 1 and some != scenes and key in some[0]:
            return f" (with {', '.join(format(scene[key], ',') for scene in some)} {words})"
    return ""


# ---- calls ----

def cost(scene, side, verb):
    """Milliseconds of one operation: the median, or for concurrent operations the total time divided by their
    number."""
    found = verb_of(scene, side, verb)
    if scene.get("at_once", 1) > 1:
        return 1000 / found["per_s"] if found.get("per_s") else None
    return found.get("p50_ms")


def call_row(scene, side, verb):
    found = verb_of(scene, side, verb)
    tenths = [text_of(found.get(key)) for key in ("first_tenth_ms", "last_tenth_ms")]
    peak = found.get("peak_rss_kib")
    own = cost(scene, side, verb)
    return [verb, side_words(side), text_of(found.get("p50_ms")), text_of(found.get("p99_ms")), " / ".join(tenths),
            text_of(found.get("cpu_ms")), text_of(peak / KIB_PER_MIB if peak else None), text_of(found.get("per_s")),
            failed_text(found),
            ratio_text(own, cost(scene, OURS, verb)), ratio_text(own, cost(scene, FLOOR, verb))]


CALL_HEAD = ["verb", "side", "p50 ms", "p99 ms", "first / last tenth ms", "CPU ms", "peak MiB", "per second", "failed",
             "of Footbridge's", "of the floor's"]


def call_table(scene):
    rows = [call_row(scene, side, verb) for verb in verbs_of(scene) for side in sides_of([scene])
            if verb_of(scene, side, verb)]
    return table(CALL_HEAD, rows)


def size_table(scenes):
    """The growth of the medians with the number of existing attachments."""
    scenes = sorted(scenes, key=lambda scene: scene["attachments"])
    verbs = list(dict.fromkeys(verb for scene in scenes for verb in verbs_of(scene)))
    rows = []
    for verb in verbs:
        for side in sides_of(scenes):
            values = [cost(scene, side, verb) for scene in scenes]
            if any(values):
                rows.append([verb, side_words(side), *map(text_of, values), ratio_text(values[-1], values[0])])
    head = [f"{scene['attachments']:,}" for scene in scenes]
    return table(["p50 ms of", "side", *head, f"{head[-1]} / {head[0]}"], rows)


# ---- traffic ----

def traffic_table(scenes):
    """A column for each number of ports; the last columns compare sides with the most ports."""
    scenes = sorted(scenes, key=lambda scene: scene["ports"])
    unit = "per_s" if any("per_s" in side for scene in scenes for side in scene["sides"]) else "gbit_per_s"

    def number(scene, side):
        return (side_of(scene, side) or {}).get(unit)

    rows = []
    for side in sides_of(scenes):
        values = [number(scene, side) for scene in scenes]
        rows.append([side_words(side), *map(text_of, values), ratio_text(values[-1], values[0]),
                     ratio_text(values[-1], number(scenes[-1], OURS)), ratio_text(values[-1], number(scenes[-1],
                                                                                                     NO_NAT))])
    ports = [f"{scene['ports']:,}" for scene in scenes]
    head = ["per second" if unit == "per_s" else "Gbit/s", *(f"{count} ports" for count in ports),
            f"{ports[-1]} / {ports[0]}", f"of Footbridge's at {ports[-1]}", f"of no NAT at {ports[-1]}"]
    return table(head, rows)


# ---- the report's parts ----

def scene_title(scene):
    at_once = f" ({scene['at_once']})" if scene.get("at_once", 1) > 1 else ""
    return f"{scene['scene']}{at_once}: {scene.get('title', scene['scene'])}"


def scene_sections(results):
    """Markdown for all scenes. Scenes that differ in the number of attachments or ports share a table."""
    sections = []
    done = set()
    for scene in results.scenes:
        name = scene["scene"]
        grows = name == "size" or "ports" in scene
        if grows and name in done:
            continue
        done.add(name)
        group = results.named(name) if grows else [scene]
        if "ports" in scene:
            body = traffic_table(group)
        elif name == "size":
            body = size_table(group)
        else:
            body = call_table(scene)
        title = "size: the chain with existing attachments" if name == "size" else scene_title(scene)
        sections.append(f"### {title}\n\n{body}\n{left_out_text(group)}")
    return "\n".join(sections)


def target_table(targets):
    return table(["target", "wanted", "measured", ""], [[t.what, t.limit, t.measured, t.verdict] for t in targets])


# The rows of the summary: title, scene with its conditions, verb, field, factor to the table's unit.
SUMMARY = (
    ("ADD, ms", "chain", {}, "ADD", "p50_ms", 1),
    ("DEL, ms", "chain", {}, "DEL", "p50_ms", 1),
    ("ADD with 10,000 existing attachments, ms", "size", {"attachments": 10000}, "ADD", "p50_ms", 1),
    ("DEL with 10,000 existing attachments, ms", "size", {"attachments": 10000}, "DEL", "p50_ms", 1),
    ("ADD, 32 at once, per second", "at-once", {"at_once": 32}, "ADD", "per_s", 1),
    ("DEL, 32 at once, per second", "at-once", {"at_once": 32}, "DEL", "per_s", 1),
    ("CPU of an ADD, ms", "chain", {}, "ADD", "cpu_ms", 1),
    ("peak memory in ADD, MiB", "chain", {}, "ADD", "peak_rss_kib", 1 / KIB_PER_MIB),
    ("new connections per second, 10 ports published", "connections", {"ports": 10}, None, "per_s", 1),
    ("new connections per second, 2,000 ports published", "connections", {"ports": 2000}, None, "per_s", 1),
    ("throughput, 2,000 ports published, Gbit/s", "throughput", {"ports": 2000}, None, "gbit_per_s", 1),
)


def summary_cell(results, row, side):
    _, name, conditions, verb, field, factor = row
    value = results.find(name, side, field, verb, **conditions)
    if value is None:
        return ABSENT
    ours = results.find(name, OURS, field, verb, **conditions)
    ratio = f" ({ratio_text(value, ours)})" if side != OURS and ours else ""
    found = verb_of(results.scene(name, **conditions), side, verb) if verb else {}
    failed = f", {failed_text(found)} failed" if found.get("failures") else ""
    return text_of(value * factor) + ratio + failed


def summary_table(results):
    """Our side, the reference, and the least possible: the floor for calls, no NAT for traffic."""
    rows = []
    for row in SUMMARY:
        least = NO_NAT if row[3] is None else FLOOR
        cells = [summary_cell(results, row, side) for side in (OURS, *REFERENCES, least)]
        if any(cell != ABSENT for cell in cells):
            rows.append([row[0], *cells])
    head = ["median of one run (and the ratio to Footbridge's)", *map(side_words, (OURS, *REFERENCES)),
            "the least possible"]
    return table(head, rows)

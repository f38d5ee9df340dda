# SPDX-License-Identifier: Apache-2.0
"""Footbridge's targets as ratios of medians of one run, with the measured values and the verdicts."""
from typing import NamedTuple, Optional

from report_results import (FLOOR, NO_NAT, NotMeasured, OURS, REFERENCES, failed_text, number_text, side_words,
                            verb_of)

MIB = 1024  # KiB
MEGABYTE = 1_000_000
LARGEST_EXECUTABLE = 3 * MEGABYTE
PEAK_MIB = 6


class Target(NamedTuple):
    what: str
    limit: str
    measured: str
    is_met: Optional[bool]  # None: not measured

    @property
    def verdict(self):
        return {True: "met", False: "**not met**", None: "not measured"}[self.is_met]


class Measured(NamedTuple):
    """Names a number of the results."""
    scene: str
    side: str
    field: str
    verb: Optional[str]
    conditions: dict

    def of(self, results):
        """Raises NotMeasured."""
        return results.number(self.scene, self.side, self.field, self.verb, **self.conditions)

    def failed(self, results):
        """A text about failed calls behind the number, or ""."""
        verb = verb_of(results.scene(self.scene, **self.conditions), self.side, self.verb) if self.verb else {}
        return f"; {failed_text(verb)} of {side_words(self.side)} failed" if verb.get("failures") else ""


class Ratio(NamedTuple):
    """upper / lower."""
    what: str
    upper: Measured
    lower: Measured
    unit: str
    at_most: Optional[float] = None
    at_least: Optional[float] = None

    def judge(self, results):
        limit = f"at most {self.at_most:g} ×" if self.at_most is not None else f"at least {self.at_least:g} ×"
        try:
            upper, lower = self.upper.of(results), self.lower.of(results)
            if not lower:
                raise NotMeasured("the value to compare with is 0")
        except NotMeasured as error:
            return Target(self.what, limit, str(error), None)
        ratio = upper / lower
        is_met = ratio <= self.at_most if self.at_most is not None else ratio >= self.at_least
        unit = f" {self.unit}" if self.unit else ""
        failed = self.upper.failed(results) + self.lower.failed(results)
        numbers = f"{number_text(ratio)} × ({number_text(upper)} / {number_text(lower)}{unit}){failed}"
        return Target(self.what, limit, numbers, is_met)


def measured(name, side, field, verb=None, **conditions):
    return Measured(name, side, field, verb, conditions)


def ratios():
    def p50(side, verb, name="chain", **conditions):
        return measured(name, side, "p50_ms", verb, **conditions)

    yield Ratio("ADD against the floor", p50(OURS, "ADD"), p50(FLOOR, "ADD"), "ms", at_most=4)
    for side, factor in zip(REFERENCES, (15, 10)):
        yield Ratio(f"ADD, faster than {side_words(side)}", p50(side, "ADD"), p50(OURS, "ADD"), "ms", at_least=factor)
    yield Ratio("DEL against the floor's DEL without waiting", p50(OURS, "DEL"), p50(FLOOR, "DEL"), "ms", at_most=5)
    for side in REFERENCES:
        yield Ratio(f"DEL, faster than {side_words(side)}", p50(side, "DEL"), p50(OURS, "DEL"), "ms", at_least=30)
    for name in [plugin + more for plugin in ("macvlan", "ipvlan") for more in ("", "-dual-stack")]:
        yield Ratio(f"ADD of {name} against the floor", p50(OURS, "ADD", name), p50(FLOOR, "ADD", name), "ms",
                    at_most=2)
        yield Ratio(f"ADD of {name}, faster than the reference", p50(REFERENCES[0], "ADD", name),
                    p50(OURS, "ADD", name), "ms", at_least=5)
    for verb in ("ADD", "DEL"):
        yield Ratio(f"{verb} with 10,000 existing attachments against 10", p50(OURS, verb, "size", attachments=10000),
                    p50(OURS, verb, "size", attachments=10), "ms", at_most=1.3)
    for verb in ("ADD", "DEL"):
        yield Ratio(f"{verb} with a UDP port against a TCP port", p50(OURS, verb, "udp"), p50(OURS, verb), "ms",
                    at_most=1.2)
    for verb in ("ADD", "DEL"):
        for side in REFERENCES:
            yield Ratio(f"{verb}, 32 at once, more per second than {side_words(side)}",
                        measured("at-once", OURS, "per_s", verb, at_once=32),
                        measured("at-once", side, "per_s", verb, at_once=32), "per s", at_least=10)
    for side in REFERENCES:
        yield Ratio(f"CPU per ADD, less than {side_words(side)}", measured("chain", side, "cpu_ms", "ADD"),
                    measured("chain", OURS, "cpu_ms", "ADD"), "ms", at_least=10)


def calls_of_ours(results):
    """(scene, verb) of all calls of Footbridge."""
    for scene in results.scenes:
        for side in scene["sides"]:
            if side["side"] == OURS:
                yield from ((scene, verb) for verb in side.get("verbs", []))


def failures(results):
    what = "failed calls of Footbridge, in all scenes"
    found = list(calls_of_ours(results))
    if not any(scene.get("at_once") == 32 for scene, _ in found):
        return Target(what, "none", "no calls of Footbridge with 32 at once", None)
    failed = [(scene, verb) for scene, verb in found if verb.get("failures", 0)]
    where = "".join(f"; {verb['failures']} of {verb['verb']} in scene {scene['scene']}" for scene, verb in failed)
    calls = sum(verb.get("calls", 0) for _, verb in found)
    return Target(what, "none", f"{sum(v['failures'] for _, v in failed)} of {calls:,}{where}", not failed)


def peak_memory(results):
    what = "peak resident memory of any call"
    limit = f"at most {PEAK_MIB} MiB"
    found = [(verb["peak_rss_kib"] / MIB, scene, verb) for scene, verb in calls_of_ours(results)
             if verb.get("peak_rss_kib")]
    if not found:
        return Target(what, limit, "no memory of Footbridge's calls", None)
    peak, scene, verb = max(found, key=lambda one: one[0])
    return Target(what, limit, f"{number_text(peak)} MiB ({verb['verb']} in scene {scene['scene']})", peak <= PEAK_MIB)


def executable_size(size):
    limit = f"at most {LARGEST_EXECUTABLE // MEGABYTE} MB"
    if size is None:
        return Target("the executable", limit, "no executable", None)
    return Target("the executable", limit, f"{size / MEGABYTE:.2f} MB", size <= LARGEST_EXECUTABLE)


def connections(results):
    """Also gives the ratio without NAT: the cost of many destinations alone."""
    def per_second(side, ports):
        return measured("connections", side, "per_s", ports=ports)

    found = Ratio("new connections per second with 2,000 published ports, against 10", per_second(OURS, 2000),
                  per_second(OURS, 10), "per s", at_least=0.9).judge(results)
    bare = [results.find("connections", NO_NAT, "per_s", ports=ports) for ports in (2000, 10)]
    if found.is_met is None or not all(bare):
        return found
    return found._replace(measured=f"{found.measured}; without NAT {number_text(bare[0] / bare[1])} ×")


def targets(results, executable=None):
    """All targets. executable: its size in bytes, or None."""
    return [*(ratio.judge(results) for ratio in ratios()), failures(results), peak_memory(results),
            executable_size(executable), connections(results)]

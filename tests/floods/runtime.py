# SPDX-License-Identifier: Apache-2.0
"""A container runtime: ADD of a chain in order, DEL in reverse order, CHECK, GC. Any call can be killed."""
import os
import random
from dataclasses import dataclass

from calls import Durations, Timed, call

VERSION = "1.1.0"
IPAM_OF_REFERENCE = "/run/reference"  # a folder for CNI_PATH with only the reference's host-local
SEARCH_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"  # for the reference, which runs iptables


@dataclass
class Failure:
    """The call that ended an operation."""
    plugin: str
    place: int  # index of the plugin in the chain
    verb: str
    outcome: object
    way: str  # the plugins: "ours", "reference", "ipam" (our bridge with the reference's host-local)

    @property
    def was_killed(self):
        return self.outcome.was_killed and not self.outcome.hung

    @property
    def error(self):
        return self.outcome.json or {}

    @property
    def message(self):
        return str(self.error.get("msg", ""))

    def text(self):
        if self.outcome.hung:
            return f"{self.plugin} {self.verb} hangs"
        output = f"{self.outcome.out.strip()} {self.outcome.err.strip()}"
        return f"{self.plugin} {self.verb}: exit code {self.outcome.code}: {output}"


class Runtime:
    """Calls the plugins of two folders: ours, and the reference's (or None)."""

    def __init__(self, ours, reference):
        self.ours = ours
        self.reference = reference
        self.durations = Durations()
        self.calls = self.kills = 0  # approximate: threads count without a lock

    def folders(self, way):
        """CNI_PATH of a call."""
        if way == "ours":
            return [self.ours]
        if way == "reference":
            return [self.reference]
        return [IPAM_OF_REFERENCE, self.ours]

    def call(self, way, place, configuration, variables, kill=False):
        plugin, verb = configuration["type"], variables["CNI_COMMAND"]
        folder = self.reference if way == "reference" else self.ours
        environment = {"CNI_PATH": ":".join(self.folders(way)), **variables}
        if way != "ours":
            environment["PATH"] = SEARCH_PATH
        kind = (way, plugin, verb)
        after = random.uniform(0, self.durations.average(kind)) if kill else None
        with Timed() as timed:
            outcome = call(f"{folder}/{plugin}", environment, configuration, after)
        self.calls += 1
        self.kills += outcome.was_killed
        if not outcome.was_killed:
            self.durations.learn(kind, timed.seconds)
        return Failure(plugin, place, verb, outcome, way) if outcome.code != 0 else outcome

    @staticmethod
    def way_of(attachment):
        """With "either", our bridge finds another host-local in each call: each must work with the other's files."""
        return random.choice(["ours", "ipam"]) if attachment.way == "either" else attachment.way

    @staticmethod
    def configuration(network, plugin, previous=None, ports=(), **keys):
        made = {"cniVersion": VERSION, "name": network.name, **plugin, **keys}
        if previous is not None:
            made["prevResult"] = previous
        if ports and "portMappings" in plugin.get("capabilities", {}):
            made["runtimeConfig"] = {"portMappings": [port.mapping() for port in ports]}
        return made

    @staticmethod
    def variables(verb, attachment, netns=None):
        return {"CNI_COMMAND": verb, "CNI_CONTAINERID": attachment.container, "CNI_IFNAME": attachment.ifname,
                "CNI_NETNS": attachment.netns if netns is None else netns}

    def add(self, attachment, kill_at=None):
        """Returns the last plugin's result, or the Failure. kill_at: index of the plugin to kill."""
        result = None
        for place, plugin in enumerate(attachment.network.plugins):
            configuration = self.configuration(attachment.network, plugin, result, attachment.ports)
            variables = self.variables("ADD", attachment)
            done = self.call(self.way_of(attachment), place, configuration, variables, place == kill_at)
            if isinstance(done, Failure):
                return done
            result = done.json
        return result

    def delete(self, attachment, kill_at=None, without_result=False, netns=None):
        """Returns None, or the Failure. without_result: without prevResult and portMappings."""
        chain = list(enumerate(attachment.network.plugins))
        for place, plugin in reversed(chain):
            known = (None, ()) if without_result else (attachment.result, attachment.ports)
            configuration = self.configuration(attachment.network, plugin, *known)
            variables = self.variables("DEL", attachment, netns)
            done = self.call(self.way_of(attachment), place, configuration, variables, place == kill_at)
            if isinstance(done, Failure):
                return done
        return None

    def check(self, attachment):
        for place, plugin in enumerate(attachment.network.plugins):
            configuration = self.configuration(attachment.network, plugin, attachment.result, attachment.ports)
            done = self.call(self.way_of(attachment), place, configuration, self.variables("CHECK", attachment))
            if isinstance(done, Failure):
                return done
        return None

    def collect(self, network, valid, kill=False):
        """GC with the list of valid attachments. Returns None, or the Failure."""
        listed = [{"containerID": one.container, "ifname": one.ifname} for one in valid]
        kill_at = random.randrange(len(network.plugins)) if kill else None
        for place, plugin in enumerate(network.plugins):
            configuration = self.configuration(network, plugin, **{"cni.dev/valid-attachments": listed})
            done = self.call("ours", place, configuration, {"CNI_COMMAND": "GC"}, place == kill_at)
            if isinstance(done, Failure):
                return done
        return None

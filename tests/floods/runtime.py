# SPDX-License-Identifier: Apache-2.0
"""What a container runtime does with a chain of plugins: ADD in order, DEL in reverse, CHECK, GC. Any call can be killed."""
import os
import random
from dataclasses import dataclass

from calls import Durations, Timed, call

VERSION = "1.1.0"
IPAM_OF_REFERENCE = "/run/reference"  # a folder with its host-local alone, for CNI_PATH
SEARCH_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"  # for the reference, which starts iptables


@dataclass
class Failure:
    """The call that ended an operation."""
    plugin: str
    place: int  # of the plugin in its chain
    verb: str
    outcome: object
    way: str  # whose plugins they were: "ours", "reference", "ipam" (our bridge with the reference's host-local)

    @property
    def was_killed(self):
        return self.outcome.was_killed and not self.outcome.hung

    @property
    def error(self):
        return self.outcome.answer or {}

    @property
    def message(self):
        return str(self.error.get("msg", ""))

    def text(self):
        if self.outcome.hung:
            return f"{self.plugin} {self.verb} hangs"
        return f"{self.plugin} {self.verb}: exit code {self.outcome.code}: {self.outcome.out.strip()} {self.outcome.err.strip()}"


class Runtime:
    """CNI calls into two folders: ours, and the reference's or None."""

    def __init__(self, ours, reference):
        self.ours = ours
        self.reference = reference
        self.durations = Durations()
        self.calls = self.kills = 0  # about: threads count without a lock

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
        after = random.uniform(0, self.durations.usual(kind)) if kill else None
        with Timed() as timed:
            outcome = call(f"{folder}/{plugin}", environment, configuration, after)
        self.calls += 1
        self.kills += outcome.was_killed
        if not outcome.was_killed:
            self.durations.learn(kind, timed.seconds)
        return Failure(plugin, place, verb, outcome, way) if outcome.code != 0 else outcome

    @staticmethod
    def way_of(attachment):
        """Which host-local our bridge finds may change from call to call: each must see what the other one has done."""
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
        """The last plugin's result, or the Failure. kill_at: the place in the chain of the plugin to kill."""
        result = None
        for place, plugin in enumerate(attachment.network.plugins):
            configuration = self.configuration(attachment.network, plugin, result, attachment.ports)
            done = self.call(self.way_of(attachment), place, configuration, self.variables("ADD", attachment), place == kill_at)
            if isinstance(done, Failure):
                return done
            result = done.answer
        return result

    def delete(self, attachment, kill_at=None, forgets=False, netns=None):
        """None, or the Failure. forgets: what ADD answered and which ports there were is not known any more."""
        chain = list(enumerate(attachment.network.plugins))
        for place, plugin in reversed(chain):
            known = (None, ()) if forgets else (attachment.result, attachment.ports)
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

    def collect(self, network, alive, kill=False):
        """GC with the list of attachments that are alive: None, or the Failure."""
        listed = [{"containerID": one.container, "ifname": one.ifname} for one in alive]
        kill_at = random.randrange(len(network.plugins)) if kill else None
        for place, plugin in enumerate(network.plugins):
            configuration = self.configuration(network, plugin, **{"cni.dev/valid-attachments": listed})
            done = self.call("ours", place, configuration, {"CNI_COMMAND": "GC"}, place == kill_at)
            if isinstance(done, Failure):
                return done
        return None

# SPDX-License-Identifier: Apache-2.0
"""What must be there: each attachment is absent, present with its result, or unknown after a kill or a failure. Each ADD's
answer is held against all others at once, and each refusal must have its reason."""
import threading
import time
from collections import Counter
from dataclasses import dataclass, field

ABSENT, BUSY, PRESENT, UNKNOWN = "absent", "busy", "present", "unknown"


@dataclass(frozen=True)
class Port:
    protocol: str
    number: int
    host_ip: str = ""

    def mapping(self):
        made = {"hostPort": self.number, "containerPort": 80, "protocol": self.protocol}
        return {**made, "hostIP": self.host_ip} if self.host_ip else made


@dataclass(eq=False)
class Attachment:
    network: object
    container: str
    ifname: str
    netns: str
    way: str = "ours"  # or "reference", or "either": our bridge with our host-local or the reference's, by lot
    ports: tuple = ()
    state: str = ABSENT
    result: dict = None
    since: float = field(default_factory=time.monotonic)  # that it is in its state
    killed_in_first: bool = False  # its last ADD was killed in the plugin that makes the links: the runtime may ADD again

    @property
    def owner(self):
        return f"{self.network.name}/{self.container}/{self.ifname}"

    @property
    def addresses(self):
        return [ip["address"] for ip in (self.result or {}).get("ips", [])]

    @property
    def host_end(self):
        """(name, MAC) by its result."""
        for link in self.result["interfaces"]:
            if not link.get("sandbox") and link["name"].startswith("veth"):
                return link["name"], link.get("mac")
        return None, None

    @property
    def mac(self):
        return next((link.get("mac") for link in self.result["interfaces"] if link.get("sandbox")), None)


class Model:
    def __init__(self):
        self.lock = threading.Lock()
        self.attachments = set()  # all but those that are absent
        self.gone = []  # (time, attachment): absent since then
        self.violations = {}  # text: when it was first met
        self.operations = 0
        self.events = Counter()  # what happened how often: a flood without exhaustion would be none

    def violation(self, text, when=""):
        """A difference; of one that stays only the first moment is told."""
        with self.lock:
            if text in self.violations:
                return
            self.violations[text] = when
            if len(self.violations) <= 100:
                print(f"VIOLATION: {when}{text}", flush=True)

    def happened(self, event):
        with self.lock:
            self.events[event] += 1

    def begin(self, attachment):
        """An operation on it begins: it may have something from now on, or may have it no more."""
        with self.lock:
            self.operations += 1
            attachment.state = BUSY
            self.attachments.add(attachment)

    def end(self, attachment, state, result=None):
        with self.lock:
            attachment.state = state
            attachment.since = time.monotonic()
            if result is not None or state == ABSENT:
                attachment.result = result
            if state == ABSENT:
                self.attachments.discard(attachment)
                self.gone.append((attachment.since, attachment))
                if len(self.gone) > 5000:
                    del self.gone[:2500]

    def lose(self, attachment):
        """Its container is about to die: who wants its port may have it."""
        with self.lock:
            if attachment.state == PRESENT:
                attachment.state = UNKNOWN

    def present(self, network=None):
        with self.lock:
            return [one for one in self.attachments if one.state == PRESENT and network in (None, one.network)]

    def unknown(self, network=None):
        with self.lock:
            return [one for one in self.attachments if one.state == UNKNOWN and network in (None, one.network)]

    def added(self, attachment, result):
        """ADD answered with a result: no other attachment that is present has its address, and none of another container its port."""
        mine = {ip["address"] for ip in result.get("ips", [])}
        if not mine:
            self.violation(f"{attachment.owner}: a result without an address: {result}")
        for other in self.present():
            if other is attachment:
                continue
            twice = mine.intersection(other.addresses) if other.network is attachment.network else ()
            if twice:
                self.violation(f"{' '.join(twice)} is {attachment.owner}'s and {other.owner}'s at the same time")
            if other.container != attachment.container and set(attachment.ports).intersection(other.ports):
                self.violation(f"the same port is {attachment.owner}'s and {other.owner}'s: {attachment.ports} {other.ports}")
        self.end(attachment, PRESENT, result)

    def may_have_held(self, begin):
        """Attachments that may have had something at some time since `begin`."""
        with self.lock:
            found = set(self.attachments)
            for when, attachment in reversed(self.gone):
                if when < begin:
                    break
                found.add(attachment)
            return found

    def may_be_full(self, attachment, begin):
        """Did the others have all addresses of its network?"""
        network = attachment.network
        others = sum(one.network is network and one is not attachment for one in self.may_have_held(begin))
        return others >= network.capacity

    def may_be_taken(self, attachment, begin):
        """Has another container a port of the attachment's?"""
        wanted = {(port.protocol, port.number) for port in attachment.ports}
        return any(one.container != attachment.container and wanted.intersection((port.protocol, port.number) for port in one.ports)
                   for one in self.may_have_held(begin))

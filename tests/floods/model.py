# SPDX-License-Identifier: Apache-2.0
"""The expected state. Each attachment is absent, present with its result, or unknown after a kill or a failure. The
result of each ADD is compared with all other attachments at once, and each error must have a reason."""
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
    way: str = "ours"  # or "reference", or "either": our bridge with our host-local or the reference's, at random
    ports: tuple = ()
    state: str = ABSENT
    result: dict = None
    since: float = field(default_factory=time.monotonic)  # the time of its last change of state
    killed_in_first: bool = False  # its last ADD was killed in the first plugin: the runtime may call ADD again

    @property
    def owner(self):
        return f"{self.network.name}/{self.container}/{self.ifname}"

    @property
    def addresses(self):
        return [ip["address"] for ip in (self.result or {}).get("ips", [])]

    @property
    def host_end(self):
        """(name, MAC address) from the result."""
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
        self.attachments = set()  # all that are not absent
        self.gone = []  # (time, attachment): absent since then
        self.violations = {}  # text: when it was found first
        self.operations = 0
        self.events = Counter()  # the number of each event: a flood should exhaust networks, for example

    def violation(self, text, when=""):
        """Reports a difference, once."""
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
        """An operation begins: from now on the attachment's objects may or may not exist."""
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
        """Its container is about to die: other containers may take over its ports."""
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
        """ADD succeeded. No other attachment may have its address, and no other container its ports."""
        mine = {ip["address"] for ip in result.get("ips", [])}
        if not mine:
            self.violation(f"{attachment.owner}: a result without an address: {result}")
        for other in self.present():
            if other is attachment:
                continue
            twice = mine.intersection(other.addresses) if other.network is attachment.network else ()
            if twice:
                self.violation(f"{' '.join(twice)} is allocated to {attachment.owner} and {other.owner}")
            if other.container != attachment.container and set(attachment.ports).intersection(other.ports):
                self.violation(f"{attachment.owner} and {other.owner} publish one port: "
                               f"{attachment.ports} {other.ports}")
        self.end(attachment, PRESENT, result)

    def may_have_held(self, begin):
        """The attachments that may have had addresses or ports since `begin`."""
        with self.lock:
            found = set(self.attachments)
            for when, attachment in reversed(self.gone):
                if when < begin:
                    break
                found.add(attachment)
            return found

    def may_be_full(self, attachment, begin):
        """Can other attachments have had all addresses of its network?"""
        network = attachment.network
        others = sum(one.network is network and one is not attachment for one in self.may_have_held(begin))
        return others >= network.capacity

    def may_be_taken(self, attachment, begin):
        """Can another container have had one of its ports?"""
        wanted = {(port.protocol, port.number) for port in attachment.ports}
        return any(one.container != attachment.container
                   and wanted.intersection((port.protocol, port.number) for port in one.ports)
                   for one in self.may_have_held(begin))

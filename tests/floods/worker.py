# SPDX-License-Identifier: Apache-2.0
"""A worker has a few containers with two interfaces each. Each step does something random to one of them."""
import random
import threading

from gate import Gate
from model import ABSENT, PRESENT, UNKNOWN, Attachment, Port
from operations import chance, is_there

CONTAINERS = 3  # per worker
IFNAMES = ["eth0", "eth1"]
PORTS = range(20000, 20120)


class Container:
    def __init__(self, name, netns):
        self.name = name
        self.netns = netns
        self.attachments = dict.fromkeys(IFNAMES)


class Shared:
    """The state that all workers share."""

    def __init__(self, networks, namespaces, operations, compare_network):
        self.networks = networks
        self.namespaces = namespaces
        self.operations = operations
        self.compare_network = compare_network  # called with the network after its GC
        self.pause = Gate()
        self.gates = {network: Gate() for network in networks}
        self.is_over = threading.Event()


class Worker(threading.Thread):
    def __init__(self, number, shared, networks):
        super().__init__(daemon=True)
        self.number = number
        self.shared = shared
        self.networks = networks  # of this worker
        self.made = 0
        self.containers = []

    def run(self):
        try:
            while not self.shared.is_over.is_set():
                with self.shared.pause.together():
                    self.step()
        except Exception as error:  # a defect of the driver
            self.shared.operations.model.violation(f"worker {self.number} failed: {error!r}")
            raise

    def new_container(self):
        name = f"w{self.number}-{self.made}"
        self.made += 1
        return Container(name, self.shared.namespaces.add(name))

    def step(self):
        if len(self.containers) < CONTAINERS:
            self.containers.append(self.new_container())
        if chance(0.02):
            return self.collect(random.choice(self.networks))
        container = random.choice(self.containers)
        ifname = random.choice(IFNAMES)
        attachment = container.attachments[ifname]
        if attachment is None or attachment.state == ABSENT:
            if chance(0.05):
                return self.die(container)
            return self.attach(container, ifname)
        with self.shared.gates[attachment.network].together():
            if attachment.state == PRESENT:
                self.use(attachment)
            elif attachment.state == UNKNOWN:
                self.recover(attachment)
        if chance(0.015):
            self.die(container)

    def attach(self, container, ifname):
        others = [one.network for one in container.attachments.values() if is_there(one)]
        free = [network for network in self.networks if network not in others]
        network = random.choices(free, [one.weight for one in free])[0]
        attachment = Attachment(network, container.name, ifname, container.netns, self.choose_way(network),
                                self.choose_ports(network))
        container.attachments[ifname] = attachment
        with self.shared.gates[network].together():
            self.shared.operations.add(attachment)

    @staticmethod
    def choose_way(network):
        return random.choice(["either", "either", "reference"]) if network.is_mixed else "ours"

    @staticmethod
    def choose_ports(network):
        if not network.has_ports:
            return ()
        numbers = random.sample(PORTS, random.choice([0, 1, 1, 2, 3]))
        return tuple(Port(random.choice(["tcp", "udp"]), number, random.choice(["", "", "127.0.0.1"]))
                     for number in numbers)

    def use(self, attachment):
        """A random call for a present attachment."""
        operations = self.shared.operations
        if chance(0.2):
            operations.check(attachment)
        elif chance(0.06) and attachment.way == "ours":
            operations.add_twice(attachment)
        elif chance(0.35):
            operations.delete_repeatedly(attachment, chance(0.2) and attachment.way != "reference")

    def recover(self, attachment):
        """For an attachment in unknown state: DEL, or ADD again if the first one was killed."""
        if attachment.killed_in_first and attachment.way == "ours" and chance(0.4):
            self.shared.operations.add(attachment, is_again=True)
        else:
            self.shared.operations.delete_repeatedly(attachment, chance(0.3) and attachment.way != "reference")

    def die(self, container):
        """Deletes the namespace first. Then DEL follows, or nothing until the next GC."""
        left = [one for one in container.attachments.values() if is_there(one)]
        for attachment in left:
            with self.shared.gates[attachment.network].together():
                self.shared.operations.model.lose(attachment)
        self.shared.operations.model.happened("container died" if left else "idle container died")
        self.shared.namespaces.discard(container.name)
        self.containers.remove(container)
        if chance(0.4):
            return
        for attachment in left:
            with self.shared.gates[attachment.network].together():
                if attachment.state != ABSENT:
                    self.shared.operations.delete_repeatedly(attachment, chance(0.3))

    def collect(self, network):
        with self.shared.gates[network].alone():
            if self.shared.operations.collect(network):
                self.shared.compare_network(network)

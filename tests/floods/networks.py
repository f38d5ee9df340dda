# SPDX-License-Identifier: Apache-2.0
"""The networks of a flood. Their ranges are small, so that they run out. Some are for all workers, some for a few."""
from dataclasses import dataclass

from host import STORE

ADDRESSES_OF_26 = 61  # without the network address, the broadcast address and the gateway
ADDRESSES_OF_27 = 29


@dataclass(frozen=True, eq=False)
class Network:
    name: str
    plugins: tuple
    capacity: int  # attachments that get an address
    weight: int  # for the random choice of a network
    is_mixed: bool = False  # the reference's host-local uses its store too

    @property
    def has_ports(self):
        return any(plugin["type"] == "portmap" for plugin in self.plugins)

    @property
    def bridge(self):
        return self.plugins[0].get("bridge")


def host_local(*subnets, **keys):
    return {"type": "host-local", "dataDir": STORE, "ranges": [[{"subnet": subnet}] for subnet in subnets], **keys}


PORTMAP = {"type": "portmap", "capabilities": {"portMappings": True}}


def bridge(name, subnets, **keys):
    return {"type": "bridge", "bridge": name, "isGateway": True, "ipam": host_local(*subnets), **keys}


def own(number):
    """A network for an eighth of the workers."""
    plugins = (bridge(f"own{number}", [f"10.60.{number}.0/27"], ipMasq=True), PORTMAP)
    return Network(f"own{number}", plugins, ADDRESSES_OF_27, 3)


def shared(has_reference):
    nets = [
        Network("shared", (bridge("shared0", ["10.50.0.0/26"], ipMasq=True, hairpinMode=True), PORTMAP),
                ADDRESSES_OF_26, 8),
        Network("dual", (bridge("dual0", ["10.51.0.0/26", "fd00:51::/120"], ipMasq=True), PORTMAP,
                         {"type": "firewall"}), ADDRESSES_OF_26, 5),
        Network("ptp", ({"type": "ptp", "ipMasq": True,
                         "ipam": host_local("10.52.0.0/27", routes=[{"dst": "10.99.0.0/16"}])},
                        PORTMAP), ADDRESSES_OF_27, 4),
        Network("apart", (bridge("apart0", ["10.53.0.0/26"], macspoofchk=True),
                          {"type": "firewall", "ingressPolicy": "same-bridge"}), ADDRESSES_OF_26, 3),
        Network("plain", (bridge("plain0", ["10.54.0.0/28"]),), 13, 2),
    ]
    if has_reference:
        nets.append(Network("mixed", (bridge("mixed0", ["10.55.0.0/26"]),), ADDRESSES_OF_26, 5, is_mixed=True))
    return nets

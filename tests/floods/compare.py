# SPDX-License-Identifier: Apache-2.0
"""Compares the model with the host: links, addresses, routes, the store's files, nftables, processes. A difference is a
line of text."""
import ipaddress
import json
import os
import subprocess
import time

import elements
from host import NETNS, STORE, wait_for_quiet

STORE_FILES = ("lock", "last_reserved_ip.0", "last_reserved_ip.1")  # without leases
QUIET = 20  # seconds; a closer process (lib/netlink/closing.h) runs for up to 5 s on an idle machine
TRIES = 100  # of a comparison, every 0.2 s


def ip(*arguments):
    out = subprocess.run(["ip", "-j", *arguments], check=True, capture_output=True).stdout
    return json.loads(out or b"[]")


def compare_host_links(present, networks):
    links = {link["ifname"]: link for link in ip("-d", "link")}
    bridges = {network.bridge for network in networks if network.bridge}
    expected = {one.host_end[0]: one for one in present}
    found = [f"unexpected link {name} ({links[name].get('ifalias', '')})"
             for name in links.keys() - expected.keys() - bridges - {"lo"}]
    for name, one in expected.items():
        link = links.get(name)
        if link is None:
            found.append(f"{one.owner}: host end {name} does not exist")
            continue
        wanted = {"ifalias": one.owner if one.way != "reference" else None, "master": one.network.bridge,
                  "address": one.host_end[1], "operstate": "UP"}
        found += [f"{one.owner}: {key} of {name}: expected {value}, found {link.get(key)}"
                  for key, value in wanted.items() if link.get(key) != value]
    return found


def compare_containers(present, namespaces):
    """Each namespace has exactly the interfaces of its attachments, with their addresses and MAC addresses."""
    found = []
    by_name = {}
    for one in present:
        by_name.setdefault(one.container, []).append(one)
    for name in sorted(namespaces):
        links = {link["ifname"]: link for link in ip("-n", name, "address") if link["ifname"] != "lo"}
        for one in by_name.get(name, []):
            link = links.pop(one.ifname, None)
            if link is None:
                found.append(f"{one.owner}: {one.ifname} does not exist in the container")
                continue
            addresses = [f"{a['local']}/{a['prefixlen']}" for a in link["addr_info"] if a["scope"] == "global"]
            if sorted(addresses) != sorted(one.addresses):
                found.append(f"{one.owner}: addresses in the container: expected {one.addresses}, found {addresses}")
            if link["address"] != one.mac or "UP" not in link["flags"]:
                found.append(f"{one.owner}: link: expected {one.mac} and UP, found {link['address']} {link['flags']}")
        found += [f"{name}: unexpected link {link} in the container" for link in links]
    found += [f"unexpected namespace {name}" for name in set(os.listdir(NETNS)) - set(namespaces)]
    return found


def compare_host_routes(present):
    """ptp has a host route to each of its containers."""
    routes = {(route["dst"], route["dev"]) for route in ip("-4", "route") if "/" not in route["dst"]}
    expected = {(address.split("/")[0], one.host_end[0])
                for one in present if not one.network.bridge for address in one.addresses}
    missing = [f"missing route {one}" for one in expected - routes]
    return missing + [f"unexpected route {one}" for one in routes - expected]


def compare_store(network, present):
    """The store of a network has exactly the leases of its attachments."""
    folder = f"{STORE}/{network.name}"
    expected = {str(ipaddress.ip_interface(text).ip): one
                for one in present if one.network is network for text in one.addresses}
    files = {}
    for name in os.listdir(folder) if os.path.isdir(folder) else []:
        with open(f"{folder}/{name}", encoding="utf-8", newline="") as file:
            files[name] = file.read()
    found = []
    for name, one in expected.items():
        if files.get(name) != f"{one.container}\r\n{one.ifname}":
            found.append(f"store {network.name}/{name}: expected the lease of {one.owner} ({one.way}), "
                         f"found {files.get(name)!r}")
    for name in files.keys() - expected.keys() - set(STORE_FILES):
        if network.is_mixed and not files[name]:
            continue  # of a reference process that was killed between two steps
        found.append(f"unexpected file {network.name}/{name} in the store: {files[name]!r}")
    return found


def compare_folders(networks, has_reference):
    allowed = {"netns", "store", "footbridge"} | ({"xtables.lock", "reference"} if has_reference else set())
    found = [f"unexpected file /run/{name}" for name in set(os.listdir("/run")) - allowed]
    found += [f"unexpected store {name}" for name in set(os.listdir(STORE)) - {one.name for one in networks}]
    indexes = [os.path.join(*place, name) for *place, _, names in os.walk("/run/footbridge") for name in names]
    if len(indexes) > len(networks):
        found.append(f"more indexes than networks: {indexes}")
    return found


def compare_processes():
    found = [f"a process does not end: {line}" for line in wait_for_quiet(QUIET)]
    with open("/proc/net/unix", encoding="utf-8") as sockets:
        return found + [f"a socket is left: {line.strip()}" for line in sockets if "@footbridge" in line]


class Comparison:
    def __init__(self, model, networks, namespaces, has_reference):
        self.model = model
        self.networks = networks
        self.namespaces = namespaces
        self.has_reference = has_reference
        self.rest = None  # the ruleset without elements, as it must stay after the first attachments

    def learn_ruleset(self):
        self.rest = elements.observe()[1]

    def once(self):
        present = self.model.present()
        found = compare_host_links(present, self.networks) + compare_containers(present, self.namespaces.names)
        found += compare_host_routes(present) + compare_folders(self.networks, self.has_reference)
        for network in self.networks:
            found += compare_store(network, present)
        return found + elements.differences(present, self.networks, self.rest)

    def all(self, when):
        """Compares everything while no call runs. Retries: the kernel deletes links some time after their namespace."""
        found = compare_processes()
        for _ in range(TRIES):
            differences = self.once()
            if not differences:
                break
            time.sleep(0.2)
        for text in found + differences:
            self.model.violation(text, f"{when}: ")
        return not found + differences

    def network(self, network):
        """Compares a network's store after GC, while no call for this network runs."""
        for text in compare_store(network, self.model.present()):
            self.model.violation(text, f"after GC of {network.name}: ")

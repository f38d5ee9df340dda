# SPDX-License-Identifier: Apache-2.0
"""What the model knows against what is there: links, addresses, routes, the store's files, nftables, processes. A difference
is a line of text."""
import ipaddress
import json
import os
import subprocess
import time

import elements
from host import NETNS, STORE, wait_for_quiet

FURNITURE = ("lock", "last_reserved_ip.0", "last_reserved_ip.1")
QUIET = 20  # seconds; the process that closes netfilter sockets takes up to 5 on an idle machine
TRIES = 100  # of a comparison, a fifth of a second apart


def ip(*arguments):
    out = subprocess.run(["ip", "-j", *arguments], check=True, capture_output=True).stdout
    return json.loads(out or b"[]")


def compare_host_links(present, networks):
    links = {link["ifname"]: link for link in ip("-d", "link")}
    bridges = {network.bridge for network in networks if network.bridge}
    expected = {one.host_end[0]: one for one in present}
    found = [f"a link of nobody: {name} ({links[name].get('ifalias', '')})"
             for name in links.keys() - expected.keys() - bridges - {"lo"}]
    for name, one in expected.items():
        link = links.get(name)
        if link is None:
            found.append(f"{one.owner}: no host end {name}")
            continue
        wanted = {"ifalias": one.owner if one.way != "reference" else None, "master": one.network.bridge,
                  "address": one.host_end[1], "operstate": "UP"}
        found += [f"{one.owner}: {key} of {name} is {link.get(key)}, not {value}"
                  for key, value in wanted.items() if link.get(key) != value]
    return found


def compare_containers(present, namespaces):
    """In each namespace: the interfaces that its attachments have, with their addresses and MACs, and nothing else."""
    found = []
    by_name = {}
    for one in present:
        by_name.setdefault(one.container, []).append(one)
    for name in sorted(namespaces):
        links = {link["ifname"]: link for link in ip("-n", name, "address") if link["ifname"] != "lo"}
        for one in by_name.get(name, []):
            link = links.pop(one.ifname, None)
            if link is None:
                found.append(f"{one.owner}: no {one.ifname} in the container")
                continue
            addresses = [f"{a['local']}/{a['prefixlen']}" for a in link["addr_info"] if a["scope"] == "global"]
            if sorted(addresses) != sorted(one.addresses):
                found.append(f"{one.owner}: addresses {addresses} in the container, not {one.addresses}")
            if link["address"] != one.mac or "UP" not in link["flags"]:
                found.append(f"{one.owner}: link {link['address']} {link['flags']}, not {one.mac} and UP")
        found += [f"{name}: a link of nobody in the container: {link}" for link in links]
    found += [f"namespace {name} is not known" for name in set(os.listdir(NETNS)) - set(namespaces)]
    return found


def compare_host_routes(present):
    """ptp has a route to each of its containers."""
    there = {(route["dst"], route["dev"]) for route in ip("-4", "route") if "/" not in route["dst"]}
    wanted = {(address.split("/")[0], one.host_end[0]) for one in present if not one.network.bridge for address in one.addresses}
    return [f"no route {one}" for one in wanted - there] + [f"a route of nobody: {one}" for one in there - wanted]


def compare_store(network, present):
    """The files of a network's folder: an address each, held by its attachment, and no others."""
    folder = f"{STORE}/{network.name}"
    expected = {str(ipaddress.ip_interface(text).ip): one for one in present if one.network is network for text in one.addresses}
    files = {}
    for name in os.listdir(folder) if os.path.isdir(folder) else []:
        with open(f"{folder}/{name}", encoding="utf-8", newline="") as file:
            files[name] = file.read()
    found = []
    for name, one in expected.items():
        if files.get(name) != f"{one.container}\r\n{one.ifname}":
            found.append(f"store {network.name}/{name}: {files.get(name)!r} instead of {one.owner}'s ({one.way})")
    for name in files.keys() - expected.keys() - set(FURNITURE):
        if network.is_mixed and not files[name]:
            continue  # the reference's own, of a process that was killed between two of its steps
        found.append(f"store {network.name}/{name} is nobody's: {files[name]!r}")
    return found


def compare_folders(networks, has_reference):
    allowed = {"netns", "store", "footbridge"} | ({"xtables.lock", "reference"} if has_reference else set())
    found = [f"/run/{name} is nobody's" for name in set(os.listdir("/run")) - allowed]
    found += [f"store {name} is of no network" for name in set(os.listdir(STORE)) - {one.name for one in networks}]
    indexes = [os.path.join(*place, name) for *place, _, names in os.walk("/run/footbridge") for name in names]
    if len(indexes) > len(networks):
        found.append(f"more indexes than networks: {indexes}")
    return found


def compare_processes():
    found = [f"a process that does not end: {line}" for line in wait_for_quiet(QUIET)]
    with open("/proc/net/unix", encoding="utf-8") as sockets:
        return found + [f"a socket that stays: {line.strip()}" for line in sockets if "@footbridge" in line]


class Comparison:
    def __init__(self, model, networks, namespaces, has_reference):
        self.model = model
        self.networks = networks
        self.namespaces = namespaces
        self.has_reference = has_reference
        self.rest = None  # of the ruleset, from the moment when all of it was there

    def learn_ruleset(self):
        self.rest = elements.observe()[1]

    def once(self):
        present = self.model.present()
        found = compare_host_links(present, self.networks) + compare_containers(present, self.namespaces.names)
        found += compare_host_routes(present) + compare_folders(self.networks, self.has_reference)
        for network in self.networks:
            found += compare_store(network, present)
        return found + elements.differences(present, self.networks, self.rest)

    def whole(self, when):
        """All of it, while nobody works. A namespace that went takes its links along a moment later: they get that moment."""
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
        """Its store, after a GC, while nobody works on it."""
        for text in compare_store(network, self.model.present()):
            self.model.violation(text, f"after GC of {network.name}: ")

#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Writes this kernel's replies as inputs of the fuzzers netlink and nft: kernel_seeds.py FOLDER PLUGINS REFERENCE

Runs as root on a private host (tests/conformance/host.py). Our plugins and the reference's (the folders PLUGINS and
REFERENCE) attach containers, and nft and iptables add some rules. Then it sends each request of netlink_fuzz.cpp and
nft_fuzz.cpp.
"""
import json
import os
import socket
import struct
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "conformance"))
import host  # noqa: E402
from seeds import Seeds  # noqa: E402

ROUTE, NETFILTER = 0, 12  # NETLINK_ROUTE, NETLINK_NETFILTER
DUMP, REQUEST, ACK = 0x300, 1, 4
MORE = 1  # kernel.h
NFT = 10 << 8  # NFNL_SUBSYS_NFTABLES
CONNTRACK = 1 << 8


def attribute(kind, content):
    return struct.pack("<HH", len(content) + 4, kind) + content + b"\0" * (-len(content) % 4)


def text(kind, word):
    return attribute(kind, word.encode() + b"\0")


def request(protocol, kind, flags, payload):
    """The messages of the reply: (type, flags, payload)."""
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, protocol) as one:
        one.bind((0, 0))
        one.send(struct.pack("<IHHII", 16 + len(payload), kind, REQUEST | flags, 1, 0) + payload)
        reply = []
        while True:
            datagram = one.recv(1 << 16)
            while len(datagram) >= 16:
                size, its_kind, its_flags, _, _ = struct.unpack("<IHHII", datagram[:16])
                reply.append((its_kind, its_flags, datagram[16:size]))
                datagram = datagram[(size + 3) & ~3:]
                if its_kind in (2, 3) or not flags & DUMP:  # NLMSG_ERROR, NLMSG_DONE
                    return reply


def as_input(selector, replies):
    """An input in the format of tests/fuzz/kernel.h, with at most 12 messages per reply; the last one ends the
    reply."""
    content = bytes([selector])
    for reply in replies:
        few = reply[:11] + reply[-1:] if len(reply) > 12 else reply
        for i, (kind, flags, payload) in enumerate(few):
            control = MORE if i + 1 < len(few) else 0
            content += struct.pack("<BBHHH", control, 0, kind, flags, len(payload)) + payload
    return content


def add_routes(seeds):
    link = struct.pack("<BxHiII", 0, 0, 0, 0, 0)
    links = request(ROUTE, 18, DUMP, link)
    one = request(ROUTE, 18, 0, struct.pack("<BxHiII", 0, 0, 1, 0, 0))
    addresses = request(ROUTE, 22, DUMP, struct.pack("<BBBBI", 0, 0, 0, 0, 0))
    routes = [request(ROUTE, 26, DUMP, struct.pack("<BBBBBBBBI", family, 0, 0, 0, 0, 0, 0, 0, 0)) for family in (2, 10)]
    route = request(ROUTE, 26, 0, struct.pack("<BBBBBBBBI", 2, 32, 0, 0, 0, 0, 0, 0, 0) + attribute(1,
                                                                                                    bytes([10, 88, 0,
                                                                                                           2])))
    vlans = request(ROUTE, 114, DUMP, struct.pack("<BBHI", 7, 0, 0, 0))
    flows = request(NETFILTER, CONNTRACK | 1, DUMP, struct.pack(">BBH", 2, 0, 0))
    error = request(ROUTE, 18, ACK, struct.pack("<BxHiII", 0, 0, 4711, 0, 0))
    for selector, replies in [(0, [one]), (1, [links]), (2, [links]), (3, [addresses]), (4, routes), (5, [route]),
                              (6, [vlans]), (7, [flows]), (8, [flows]), (9, [error])]:
        seeds.add("netlink", as_input(selector, replies))
        for reply in replies[:1]:
            for message in reply[:6]:
                seeds.add("netlink", as_input(selector, [[message, reply[-1]]]))


def add_rules(seeds):
    def nft(kind, family, *attributes, flags=DUMP):
        return request(NETFILTER, NFT | kind, flags, struct.pack(">BBH", family, 0, 0) + b"".join(attributes))

    ours = text(1, "footbridge")
    chains = nft(4, 0)
    rules = {family: nft(7, family) for family in (2, 10, 1)}
    sets = nft(10, 1, ours)
    names = json.loads(host.must("nft -j list sets inet; nft -j list maps inet").splitlines()[0])["nftables"]
    names = [one["set"]["name"] for one in names if "set" in one] + ["hostport4", "owners4", "publishers"]
    for name in names:
        elements = nft(13, 1, ours, text(2, name))
        seeds.add("nft", as_input(0, [elements] * 3))
        seeds.add("nft", as_input(9, [elements[:1]]))
    seeds.add("nft", as_input(1, [nft(1, 1, ours, flags=0), *[[one] for one in chains[:8]]]))
    seeds.add("nft", as_input(2, [sets, rules[1]]))
    seeds.add("nft", as_input(3, [chains]))
    generation = nft(16, 0, flags=0)
    for family in (2, 10, 1):
        seeds.add("nft", as_input(4, [rules[family]]))
        seeds.add("nft", as_input(5, [chains, rules[family]]))
        for selector in (6, 7, 8):
            seeds.add("nft", as_input(selector, [generation, chains, rules[family], rules[family], rules[family]]))
        for rule in rules[family][:60]:
            seeds.add("nft", as_input(4, [[rule, rules[family][-1]]]))
    seeds.add("nft", as_input(10, [generation, chains, sets]))
    seeds.add("nft", as_input(11, [generation, chains, sets]))


def attach(folder, container, configs):
    result = {}
    for plugin, config in configs:
        config = {"cniVersion": "1.0.0", "name": "n", **config, **result}
        environment = {**os.environ, "CNI_COMMAND": "ADD", "CNI_CONTAINERID": container, "CNI_IFNAME": "eth0",
                       "CNI_NETNS": f"/run/netns/{container}", "CNI_PATH": folder}
        done = subprocess.run([f"{folder}/{plugin}"], input=json.dumps({"type": plugin, **config}), env=environment,
                              capture_output=True, text=True, check=False)
        print(plugin, done.returncode, done.stdout[-300:] if done.returncode else "")
        result = {"prevResult": json.loads(done.stdout)} if done.returncode == 0 else {}


def set_up(ours, reference):
    host.set_up({"netns": "c1 c2 c3"})
    ports = {"runtimeConfig": {"portMappings": [{"hostPort": 8080, "containerPort": 80, "protocol": "tcp"},
                                                {"hostPort": 5353, "containerPort": 53, "protocol": "udp"}]}}
    ranges = [[{"subnet": "10.88.0.0/24"}], [{"subnet": "fd88::/64"}]]
    bridge = {"bridge": "br0", "isGateway": True, "ipMasq": True, "ipam": {"type": "host-local", "ranges": ranges}}
    conditions = {"conditionsV4": ["ip", "saddr", "!=", "10.9.0.0/16"]}
    attach(ours, "c1", [("bridge", {**bridge, "macspoofchk": True}), ("firewall", {}), ("portmap", ports)])
    other = {**bridge, "bridge": "br1", "ipam": {"type": "host-local", "subnet": "10.89.0.0/24"}}
    attach(ours, "c3", [("bridge", other), ("portmap", {**conditions, "runtimeConfig": {"portMappings": [
        {"hostPort": 81, "containerPort": 80}]}})])
    attach(reference, "c2", [
        ("bridge", {**bridge, "bridge": "br2", "macspoofchk": True}), ("firewall", {}),
        ("portmap", {**ports, "backend": "nftables"}), ("portmap", {**ports, "backend": "iptables"})])
    host.must("nft add table ip filter; nft 'add chain ip filter FORWARD "
              "{ type filter hook forward priority 0; policy drop; }'; "
              "iptables -A FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT; "
              "iptables -A FORWARD -j REJECT; "
              "nft 'add table inet own; add chain inet own f { type filter hook forward priority 1; policy drop; }; "
              "add rule inet own f ct state established,related accept comment \"x\"; "
              "add rule inet own f jump f2' || true")


def main():
    folder, ours, reference = sys.argv[1:]
    seeds = Seeds(os.path.abspath(folder))
    ours, reference = os.path.abspath(ours), os.path.abspath(reference)
    host.enter()
    set_up(ours, reference)
    add_routes(seeds)
    add_rules(seeds)


if __name__ == "__main__":
    main()

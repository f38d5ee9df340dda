#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Writes the fuzzers' first inputs, from the examples, the conformance cases and the recordings: seeds.py FOLDER

FOLDER gets a folder per target; kernel_seeds.py adds the kernel's replies. corpus/ contains what libFuzzer's -merge=1
kept of these inputs and of some minutes of fuzzing. If a target's input format changes, create it again: run seeds.py
and kernel_seeds.py with FOLDER, run `./run fuzz` with it, and merge with -merge=1 into corpus/NAME.
"""
import base64
import hashlib
import json
import sys
from pathlib import Path

TOP = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(TOP / "tests/conformance"))
import case as cases  # noqa: E402

PLUGINS = ["bridge", "ptp", "portmap", "firewall", "host-local", "static", "tuning"]
VARIABLES = {"CNI_CONTAINERID": "c1", "CNI_NETNS": "/run/netns/box", "CNI_IFNAME": "eth0", "CNI_PATH": "/opt/cni/bin"}
WORDS = [
    ["10.1.0.2", "::ffff:10.0.0.1", "fd00::1:2", "0.0.0.0", "fe80::1%eth0", "1.2.3.04"],
    ["10.1.0.2/24", "fd00::2/64", "0.0.0.0/0", "::/0", "10.1.0.1/33"],
    ["0a:58:0a:01:00:02", "0A-58-0A-01-00-02"],
    ["n/c1/eth0", "n/c1/eth0 (unfinished)", "n/" + "c" * 200 + "/eth0",
     "n/" + "c" * 83 + "#0123456789a#veth0123456789a"],
    ["IgnoreUnknown=1;K8S_POD_NAME=a;IP=10.1.0.5/24", "MAC=0a:58:0a:01:00:02", "IP=;;=", "IgnoreUnknown=maybe"],
    ["ip saddr != 10.0.0.0/8 iifname 'eth*'", "-s 10.0.0.0/8 ! -i eth+ -p tcp --dport 80:90", "tcp dport != 80-90",
     "ip6 daddr fd00::/8 oifname != 'br0'"],
    ["nameserver 10.0.0.1\nsearch a b\noptions ndots:5 # x\ndomain d", "debug:/var/log/footbridge.log", "info"],
    ["8080:80", "127.0.0.1:5353:53/udp", "[::1]:8080:80/tcp", "aGVsbG8=", "QQ=="],
    ["^net\\.ipv4\\.conf\\.(?:IFNAME|all)\\.[^\\d\\]a-z[:alpha:]-]+?$", "0x10 010 1-3,5\t-1",
     '{"mac": "0a:58:0a:01:00:02", "promisc": false, "mtu": 1500, "allmulti": true, "txQLen": 1000,'
     ' "footbridge": {"owner": "n/c1/eth0", "netns": 15, "index": 2}}'],
]


class Seeds:
    def __init__(self, folder):
        self.folder = Path(folder)

    def add(self, target, content):
        if isinstance(content, str):
            content = content.encode()
        path = self.folder / target / hashlib.sha1(content).hexdigest()[:16]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def choice(number):
    return bytes([number])


def add_call(seeds, plugin, environment, stdin):
    variables = "".join(f"{name}={text}\n" for name, text in environment.items() if "\n" not in text)
    seeds.add("request", variables + "\n" + stdin)
    if plugin in PLUGINS:
        line = environment.get("CNI_ARGS", "") + "\n"
        seeds.add("configuration", choice(PLUGINS.index(plugin)) + line.encode() + stdin.encode())
    try:
        configuration = json.loads(stdin)
        version = configuration.get("cniVersion", "0.1.0")
        if "prevResult" in configuration:
            add_result(seeds, version, 0, json.dumps(configuration["prevResult"]))
    except (ValueError, AttributeError):
        return


def add_result(seeds, version, exit_code, text):
    if version in cases.VERSIONS:
        seeds.add("result", choice(cases.VERSIONS.index(version)) + choice(exit_code) + text.encode())


def add_cases(seeds):
    for path in sorted((TOP / "tests/conformance/cases").glob("*/*.json")):
        for case in cases.cases_of(path, "/opt/cni/bin", ""):
            for step in case["steps"]:
                if "call" not in step or "for" in step:
                    continue
                verb, _, plugin = step["call"].partition(" ")
                own = step.get("conf", {})
                conf = cases.merged(case.get("conf", {}), own) if isinstance(own, dict) else {}
                if isinstance(step.get("previous"), dict):
                    conf["prevResult"] = {"cniVersion": conf.get("cniVersion", ""), **step["previous"]}
                environment = {"CNI_COMMAND": verb, **VARIABLES, **{k: v for k, v in step.get("env", {}).items() if v}}
                add_call(seeds, plugin, environment, step.get("stdin", json.dumps(conf)))


def add_recordings(seeds):
    for path in sorted((TOP / "tests/recordings").glob("*.jsonl")):
        for line in path.read_text().splitlines():
            call = json.loads(line)
            if "env" not in call:
                continue
            add_call(seeds, call["plugin"], {**VARIABLES, **{k: v for k, v in call["env"].items() if v}}, call["stdin"])
            if call.get("stdout"):
                version = json.loads(call["stdin"] or "{}").get("cniVersion",
                                                                "") if call["stdin"].startswith("{") else ""
                add_result(seeds, version, 0 if call.get("exit", 0) == 0 else 1, call["stdout"])


def add_networks(seeds):
    result = {"cniVersion": "1.0.0", "ips": [{"address": "10.1.0.2/24"}], "dns": {}}
    for path in sorted((TOP / "conf-examples").glob("*.conf*")):
        text = path.read_text()
        seeds.add("conflist", choice(0 if path.suffix == ".conflist" else 1) + text.encode())
        entry = {"kind": "cniCacheV1", "containerId": "c1", "config": base64.b64encode(text.encode()).decode(),
                 "ifName": "eth0", "networkName": json.loads(text)["name"], "netns": "/run/netns/box",
                 "capabilityArgs": {"portMappings": [{"hostPort": 8080, "containerPort": 80, "protocol": "tcp"}]},
                 "cniArgs": [["IgnoreUnknown", "1"]], "result": result}
        for kind in (2, 3):
            seeds.add("conflist", choice(kind) + json.dumps(entry).encode())


def add_store(seeds):
    """Files, directories in place of files, a hint, changes of the index (store_fuzz.cpp)."""
    allocation = b"c1\r\neth0"
    file = bytes([0, 2, len(allocation)]) + allocation
    for kind in range(4):
        seeds.add("store", bytes([kind, 3, len(allocation)]) + allocation)
    seeds.add("store", file + bytes([4, 8]) + b"10.1.0.5" + bytes([0, 4, 0]) + bytes([5, 1, 0, 0, 255]) * 3)
    seeds.add("store", file * 5 + bytes([5, 70, 24, 0, 255]) + bytes([5, 65, 0, 0, 1]))


def add_messages(seeds):
    """Replies of the message bus: a text, a boolean, an error (D-Bus specification, "Message Protocol")."""
    def message(kind, fields, body):
        fields_size = len(fields)
        fields += b"\0" * (-fields_size % 8)
        return (b"l" + bytes([kind, 0, 1]) + len(body).to_bytes(4, "little") + b"\1\0\0\0" +
                fields_size.to_bytes(4, "little") + fields + body)

    serial = b"\5\1u\0" + (7).to_bytes(4, "little")
    text = b"\x08\1g\0\1s\0\0"
    flag = b"\x08\1g\0\1b\0\0"
    error = b"\4\1s\0" + (9).to_bytes(4, "little") + b"a.b.Error\0" + b"\0\0"
    seeds.add("dbus", message(2, serial + text, (5).to_bytes(4, "little") + b"hello\0"))
    seeds.add("dbus", message(2, serial + flag, (1).to_bytes(4, "little")))
    seeds.add("dbus", message(3, serial + error + b"\0" * 4 + text, (2).to_bytes(4, "little") + b"no\0"))


def main():
    seeds = Seeds(sys.argv[1])
    add_cases(seeds)
    add_recordings(seeds)
    add_networks(seeds)
    add_store(seeds)
    add_messages(seeds)
    for kind, texts in enumerate(WORDS):
        for text in texts:
            seeds.add("words", choice(kind) + text.encode())


if __name__ == "__main__":
    main()

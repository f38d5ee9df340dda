#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Hostile inputs: a gigabyte on stdin, 100,000 nested lists, 10,000 ranges, names with NUL, UTF-8 and "../". A plugin
rejects each with an error object that names the cause, in little time and memory, and creates nothing.

The last line is "inputs: 103 hostile inputs, 0 violations". Runs as root on a private host (tests/conformance/host.py).
"""
import json
import os
import resource
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "conformance"))
import host  # noqa: E402

MOST_SECONDS = 20  # on a busy machine
MOST_MEMORY = 300  # MB: stdin is at most 8 MB, and a JSON value takes up to 30 times its text
GIGABYTE = 1 << 30
BRIDGE = {"cniVersion": "1.0.0", "name": "n", "type": "bridge", "bridge": "br0",
          "ipam": {"type": "host-local", "ranges": [[{"subnet": "10.1.0.0/24"}]]}}
LOCAL = {**BRIDGE, "type": "host-local"}
PREVIOUS = {"cniVersion": "1.0.0", "ips": [{"address": "10.1.0.2/24"}]}
PORTMAP = {"cniVersion": "1.0.0", "name": "n", "type": "portmap", "prevResult": PREVIOUS}
DEEP = "[" * 100_000 + "]" * 100_000
NAMES = {"a NUL": "a\0b", "UTF-8": "netz-\u00fc", "..": "..", "a way up": "../../etc/n", "a slash": "a/b",
         "a line": "a\nb",
         "a space": "a b", "an option": "-n"}


def with_ipam(**keys):
    return {**LOCAL, "ipam": {**LOCAL["ipam"], **keys}}


def inputs():
    """(title, plugin, stdin as text or value or file, environment, expected part of the error)"""
    for plugin in ("bridge", "host-local", "portmap", "firewall", "ptp", "static"):
        yield f"a gigabyte of nothing for {plugin}", plugin, open_sparse(), {}, "stdin"
        yield f"100,000 nested lists for {plugin}", plugin, DEEP, {}, "nested"
        yield f"nested lists in a key of {plugin}", plugin, f'{{"cniVersion":"1.0.0","a":{DEEP}}}', {}, "nested"
        yield f"an object that never ends for {plugin}", plugin, '{"a":' * 100_000, {}, "nested"
        yield f"a string that never ends for {plugin}", plugin, '{"name":"' + "n" * 1_000_000, {}, "unmarshall"
        yield f"a million digits for {plugin}", plugin, '{"name":' + "9" * 1_000_000 + "}", {}, "number overflow"
    for what, name in NAMES.items():
        yield f"{what} in the network's name", "bridge", {**BRIDGE, "name": name}, {}, "network name"
        yield f"{what} in the network's name", "host-local", {**LOCAL, "name": name}, {}, "network name"
        if "\0" in name:
            continue
        yield f"{what} in the container's id", "bridge", BRIDGE, {"CNI_CONTAINERID": name}, "containerID"
        if what in ("UTF-8", "an option"):
            continue
        yield f"{what} in the interface's name", "bridge", BRIDGE, {"CNI_IFNAME": name}, "interface name"
    for what in ("a NUL", "a way up", "a slash", "a space"):
        yield f"{what} in the bridge's name", "bridge", {**BRIDGE, "bridge": NAMES[what]}, {}, "bridge"
    for what in ("a NUL", "a way up", "a slash"):
        words = "plugin name" if "\0" not in NAMES[what] else "ipam.type"
        yield f"{what} in ipam.type", "bridge", {**BRIDGE, "ipam": {"type": NAMES[what]}}, {}, words
    yield "UTF-8 in ipam.type", "bridge", {**BRIDGE, "ipam": {"type": "pl\u00fcgin"}}, {}, "pl\u00fcgin"
    yield "an ipam.type of 100,000 letters", "bridge", {**BRIDGE, "ipam": {"type": "a" * 100_000}}, {}, "plugin"
    for key in ("dataDir", "resolvConf"):
        yield f"a NUL in ipam.{key}", "host-local", with_ipam(**{key: "/run/store\0/x"}), {}, key
    yield "10,000 ranges in one set", "host-local", with_ipam(ranges=[ranges(10_000)]), {}, "range"
    yield "10,000 range sets", "host-local", with_ipam(ranges=[[one] for one in ranges(10_000)]), {}, "range"
    yield "10,000 exclusions", "host-local", with_ipam(exclude=[f"10.1.0.{i % 256}"
                                                                for i in range(10_000)]), {}, "exclude"
    yield "10,000 addresses", "static", {**LOCAL,
                                         "ipam": {"addresses": [{"address": "10.1.0.2/24"}] * 10_000}}, {}, "address"
    yield "100,000 port mappings", "portmap", {**PORTMAP, "runtimeConfig": {"portMappings": [
        {"hostPort": 1000, "containerPort": 80, "protocol": "tcp"}] * 100_000}}, {}, "portMappings"
    for args in ("IP", "IP=1=2", ";", "IP=" + "1" * 100_000, "IP=../../etc", "IP=\u00fc", "K=V",
                 "IgnoreUnknown=\u00fc"):
        yield f"CNI_ARGS={args[:30]}", "host-local", LOCAL, {"CNI_ARGS": args}, ""
    for netns in ("/dev/zero", "/etc/passwd", "/run", "/run/fifo", "../..", "a" * 5000):
        yield f"CNI_NETNS={netns[:30]}", "bridge", BRIDGE, {"CNI_NETNS": netns}, ""
    for text in ("", "null", "7", "[]", "\"n\"", "\ufeff{}", "{", "{}{}", "\0", "\xff\xfe", "{\"name\":\"n\"", "nan"):
        yield f"{text!r} as the configuration", "bridge", text, {}, ""


def ranges(count):
    return [{"subnet": f"10.{i // 256}.{i % 256}.0/24"} for i in range(count)]


def open_sparse():
    file = open("/run/gigabyte", "wb+")  # pylint: disable=consider-using-with
    file.truncate(GIGABYTE)
    return file


def traces():
    """Links and files, which a call could have created; rules are compared once, at the end."""
    files = {str(path) for top in ("/run", "/var/lib/cni") for path in Path(top).rglob("*")}
    return files | {name for _, name in socket.if_nameindex()}


def call(folder, plugin, stdin, environment):
    """(exit code, stdout, seconds, MB)"""
    variables = {"CNI_COMMAND": "ADD", "CNI_CONTAINERID": "c1", "CNI_NETNS": "/run/netns/box", "CNI_IFNAME": "eth0",
                 "CNI_PATH": folder, **environment}
    if not isinstance(stdin, str) and not hasattr(stdin, "fileno"):
        stdin = json.dumps(stdin)
    begun = time.monotonic()
    with subprocess.Popen([f"{folder}/{plugin}"], env=variables, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                          stdin=stdin if hasattr(stdin, "fileno") else subprocess.PIPE) as child:
        before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
        text = None if hasattr(stdin, "fileno") else stdin.encode("utf-8", "surrogateescape")
        try:
            out = child.communicate(text, timeout=MOST_SECONDS)[0]
        except subprocess.TimeoutExpired:
            child.kill()
            return None, b"", MOST_SECONDS, 0
    # The largest of all children so far; if it has grown, it is this child's.
    now = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    return child.returncode, out, time.monotonic() - begun, (now if now > before else 0) / 1024


def violations(outcome, words):
    code, out, seconds, memory = outcome
    if code is None:
        yield f"did not end within {seconds} s"
        return
    try:
        error = json.loads(out)
        text = f"{error['msg']} {error.get('details', '')}"
        if code != 1 or error["code"] <= 0:
            yield f"exit code {code}, code {error['code']}"
        if words not in text:
            yield f"the error does not contain {words!r}: {text[:200]}"
        if len(text) > 10_000:
            yield f"the error has {len(text)} characters"
    except (ValueError, KeyError, TypeError):
        yield f"exit code {code} and no error object: {out[:100]!r}"
    if memory > MOST_MEMORY:
        yield f"used {memory:.0f} MB"


def main():
    folder = os.path.realpath(os.environ["FOOTBRIDGE_BIN"])
    if os.getuid() != 0 or not shutil.which("nft"):
        print("SKIP: needs root and nft")
        return 77
    host.enter()
    host.set_up({})
    os.mkfifo("/run/fifo")
    open_sparse().close()
    before, rules = traces(), host.state()
    tried = failed = 0
    for title, plugin, stdin, environment, words in inputs():
        found = list(violations(call(folder, plugin, stdin, environment), words))
        made = traces() ^ before
        found += [f"left behind: {sorted(made)}"] if made else []
        tried += 1
        failed += bool(found)
        for one in found:
            print(f"VIOLATION: {title}: {one}")
    if host.state() != rules:
        failed += 1
        print("VIOLATION: the host has changed:\n" + host.state())
    print(f"inputs: {tried} hostile inputs, {failed} violations")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

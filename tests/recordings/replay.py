#!/usr/bin/python3
"""Sends the calls that a runtime made to the reference plugins to ours, and compares the answers byte for byte.

usage: replay.py FOLDER-OF-PLUGINS runtime|ipam RECORDING.jsonl

A recording is a line about the scenario and then a call a line, in the order of the calls:
  {"scenario": words, "store": {file below the store: content}}      what host-local had there before
  {"plugin", "caller", "env": CNI_* variables, "stdin", "stdout", "exit"}
They are as the runtime and the reference made them but for one thing: PID in /proc/PID/ns/net, the container's process.

runtime: the calls of the runtime. What a plugin asked of its IPAM plugin is left out, because ours asks by itself.
ipam:    those calls alone, to host-local directly.

The network namespaces are made under the recorded names, and end where the recording says that they are gone. MAC addresses
and the name of the host end differ from host to host: those that our bridge answered take the place of the recorded ones
in all later calls and answers.

Runs as root in a private host (tests/e2e/lib.sh), only with Python's standard library.
"""
import json
import os
import subprocess
import sys

STORE = "/var/lib/cni"

# Plugins that may be missing here: their calls are left out, and counted.
NOT_YET = {"firewall", "tuning"}

# Known differences from the reference, on purpose.
# loopback, versions 0.1.0 to 0.4.0: the reference prints the shape of 1.0.0 there, without "version" in ips and without
# "dns", because it does not convert its result. Ours is the specification's shape.
LOOPBACK_0_3_1 = """{
    "cniVersion": "0.3.1",
    "interfaces": [
        {
            "name": "lo",
            "mac": "00:00:00:00:00:00",
            "sandbox": "%s"
        }
    ],
    "ips": [
        {
            "version": "4",
            "interface": 0,
            "address": "127.0.0.1/8"
        },
        {
            "version": "6",
            "interface": 0,
            "address": "::1/128"
        }
    ],
    "dns": {}
}"""


class Container:
    """The container's process: it holds the network namespace, which has a name too if the runtime gave it one."""

    def __init__(self):
        self.process = None
        self.path = None

    def start(self, recorded):
        if self.process:
            return
        self.process = subprocess.Popen(["unshare", "--net", "sh", "-c", "echo ready; exec cat"], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE)
        self.process.stdout.readline()
        if "/PID/" not in recorded:
            self.path = recorded
            open(self.path, "x").close()
            subprocess.run(["mount", "--bind", f"/proc/{self.process.pid}/ns/net", self.path], check=True)

    def end(self):
        if self.path:
            subprocess.run(["umount", self.path], check=True)
            os.unlink(self.path)
            self.path = None
        if self.process:
            self.process.stdin.close()
            self.process.wait()
            self.process = None


class Replay:
    def __init__(self, plugins):
        self.plugins = plugins
        self.container = Container()
        self.pid = None
        self.renamed = []  # (recorded, ours): names and MAC addresses
        self.done = 0
        self.left_out = {}

    def here(self, text):
        """A recorded text as it must be on this host."""
        if self.pid:
            text = text.replace("/proc/PID/", f"/proc/{self.pid}/")
        for recorded, ours in self.renamed:
            text = text.replace(recorded, ours)
        return text

    def call(self, call):
        """One recorded call; returns an error in words, or None."""
        env = call["env"]
        netns = env.get("CNI_NETNS", "")
        if env["CNI_COMMAND"] == "ADD":
            self.container.start(netns)
            self.pid = self.container.process.pid
        if env["CNI_COMMAND"] == "DEL" and netns == "":
            self.container.end()
        environment = {name: self.here(value) for name, value in env.items()}
        if environment["CNI_PATH"] != "dummy":
            environment["CNI_PATH"] = self.plugins
        got = subprocess.run([os.path.join(self.plugins, call["plugin"])], input=self.here(call["stdin"]).encode(),
                             env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
        stdout = got.stdout.decode()
        self.done += 1
        if got.returncode != call["exit"]:
            return f"exit code {got.returncode}, recorded was {call['exit']}\n{stdout}\n{got.stderr.decode()}"
        if env["CNI_COMMAND"] == "ADD":
            self.learn(call["stdout"], stdout)
        expected = self.here(call["stdout"])
        if call["plugin"] == "loopback" and env["CNI_COMMAND"] == "ADD" and '"cniVersion":"0.3.1"' in call["stdin"]:
            expected = LOOPBACK_0_3_1 % environment["CNI_NETNS"]
        if stdout != expected:
            return f"answered\n{stdout}\nrecorded was\n{expected}"
        return None

    def learn(self, recorded, ours):
        """What bridge answered for the MAC addresses and the host end's name."""
        pairs = zip(json.loads(recorded).get("interfaces", []), json.loads(ours or "{}").get("interfaces", []))
        for there, here in pairs:
            is_host_end = there["name"].startswith("veth")
            for key in ["mac"] + (["name"] if is_host_end else []):
                if there.get(key) and here.get(key) and there[key] != here[key]:
                    self.renamed.append((there[key], here[key]))

    def play(self, calls):
        for number, call in enumerate(calls, 1):
            if call["plugin"] in NOT_YET and not os.path.exists(os.path.join(self.plugins, call["plugin"])):
                self.left_out[call["plugin"]] = self.left_out.get(call["plugin"], 0) + 1
                continue
            problem = self.call(call)
            if problem:
                env = call["env"]
                return f"call {number}, {call['plugin']} {env['CNI_COMMAND']} CNI_NETNS={env['CNI_NETNS']!r}: {problem}"
        return None


def seed(store):
    for name, content in store.items():
        path = os.path.join(STORE, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w") as file:
            file.write(content)


def main(plugins, part, recording):
    with open(recording) as file:
        about, *calls = [json.loads(line) for line in file]
    seed(about["store"])
    of_ipam = part == "ipam"
    calls = [call for call in calls if (call["plugin"] == "host-local") == of_ipam]
    replay = Replay(plugins)
    try:
        problem = replay.play(calls)
    finally:
        replay.container.end()
    if problem:
        print(f"FAILED: {about['scenario']}: {problem}")
        return 1
    print(f"{about['scenario']}: {replay.done} calls of the {part} answered as recorded")
    for plugin, count in sorted(replay.left_out.items()):
        print(f"SKIP: {count} calls of {plugin} in {os.path.basename(recording)}: there is no such plugin here")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))

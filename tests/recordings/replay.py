#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Replays a runtime's calls of the reference plugins with ours, and compares the results.

usage: replay.py FOLDER-OF-PLUGINS runtime|ipam RECORDING.jsonl

The first line of a recording describes the scenario. Each further line is a call, in order:
  {"scenario": words, "store": {file below the store: content}}      host-local's store before the first call
  {"plugin", "caller", "env": CNI_* variables, "stdin", "stdout", "exit"}
Only one value is edited: PID in /proc/PID/ns/net, the container's process.

runtime: replays the runtime's calls, without the plugins' calls of their IPAM plugin: our plugins make them.
ipam:    replays only the calls of the IPAM plugin, host-local.

A result must match the recorded one byte for byte; error_differs compares errors. Network namespaces get the recorded
names, and are deleted when the runtime reports it. MAC addresses and the host end's name differ between hosts: our
plugin's values replace the recorded ones in all later calls.

The last line is {"calls": number of calls with the recorded result, "left_out": {plugin: calls}, "stays": [IDs]}. The
containers in "stays" got no DEL.

Runs as root in a private host (tests/e2e/lib.sh), and needs only Python's standard library.
"""
import json
import os
import re
import subprocess
import sys

STORE = "/var/lib/cni"

# Plugins that may be missing: their calls are skipped and counted.
NOT_YET = set()

# ---- known differences from the reference, all intended ----

# loopback, versions 0.1.0 to 0.4.0: the reference prints the format of 1.0.0, without "version" in ips and without
# "dns", because it does not convert its result. Ours prints the specification's format.
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


def error_differs(recorded, ours):
    """Compares two error objects; returns the difference in words, or None.

    Our errors also have cniVersion, which the specification requires and the reference lacks, and details. Our msg
    begins with the reference's words and may continue, with advice for the operator.
    """
    if ours.get("code") != recorded["code"]:
        return f"code {ours.get('code')} instead of {recorded['code']}"
    if not ours.get("msg", "").startswith(recorded["msg"]):
        return f"msg {ours.get('msg')!r} does not begin with {recorded['msg']!r}"
    return None


class Container:
    """A network namespace, kept by a process. It has a name if the runtime gave it one."""

    def __init__(self, recorded):
        self.process = subprocess.Popen(["unshare", "--net", "sh", "-c", "echo ready; exec cat"], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE)
        self.process.stdout.readline()
        self.path = None
        if "/PID/" not in recorded:
            self.path = recorded
            os.makedirs(os.path.dirname(self.path), exist_ok=True)
            open(self.path, "x").close()
            subprocess.run(["mount", "--bind", f"/proc/{self.process.pid}/ns/net", self.path], check=True)

    def end(self):
        if self.path:
            subprocess.run(["umount", self.path], check=True)
            os.unlink(self.path)
        self.process.stdin.close()
        self.process.wait()


class Replay:
    def __init__(self, plugins):
        self.plugins = plugins
        self.containers = {}  # by the namespace's recorded path
        self.pid = None
        self.renamed = {}  # interfaces: (recorded name, MAC): (our name, MAC)
        self.attached = {}  # container id: plugins with an ADD and no DEL yet
        self.done = 0
        self.left_out = {}

    def here(self, text):
        """A recorded text with this host's values."""
        if self.pid:
            text = text.replace("/proc/PID/", f"/proc/{self.pid}/")
        return re.sub(r"\{[^{}]*\}", lambda found: self.interface_here(found[0]), text)

    def interface_here(self, text):
        """The text of an object without inner objects. A recorded interface is replaced by ours. Name and MAC must both
        match: the reference's bridge without an address has the MAC of one of its ports."""
        for recorded, ours in self.renamed.items():
            if all(f'"{word}"' in text for word in recorded):
                for old, new in zip(recorded, ours):
                    text = text.replace(f'"{old}"', f'"{new}"')
                return text
        return text

    def follow(self, env):
        """Creates and deletes namespaces as the runtime did before this call."""
        netns = env.get("CNI_NETNS", "")
        if netns.startswith("/") and netns not in self.containers:
            self.containers[netns] = (Container(netns), env["CNI_CONTAINERID"])
            if "/PID/" in netns:
                self.pid = self.containers[netns][0].process.pid
        if env["CNI_COMMAND"] == "DEL" and netns == "":
            for path in [path for path, (_, owner) in self.containers.items() if owner == env["CNI_CONTAINERID"]]:
                self.containers.pop(path)[0].end()

    def call(self, call):
        """Replays a recorded call; returns an error in words, or None."""
        env = call["env"]
        self.follow(env)
        environment = {name: self.here(value) for name, value in env.items()}
        if environment["CNI_PATH"] != "dummy":
            environment["CNI_PATH"] = self.plugins
        got = subprocess.run([os.path.join(self.plugins, call["plugin"])], input=self.here(call["stdin"]).encode(),
                             env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
        stdout = got.stdout.decode()
        if got.returncode != call["exit"]:
            return f"exit code {got.returncode}, recorded: {call['exit']}\n{stdout}\n{got.stderr.decode()}"
        if call["exit"] != 0:
            return error_differs(json.loads(call["stdout"]), json.loads(stdout))
        self.count(env, call["plugin"])
        if env["CNI_COMMAND"] == "ADD":
            self.learn(call["stdout"], stdout)
        expected = self.here(call["stdout"])
        if call["plugin"] == "loopback" and env["CNI_COMMAND"] == "ADD" and '"cniVersion":"0.3.1"' in call["stdin"]:
            expected = LOOPBACK_0_3_1 % environment["CNI_NETNS"]
        if stdout != expected:
            return f"printed\n{stdout}\nrecorded:\n{expected}"
        return None

    def count(self, env, plugin):
        attached = self.attached.setdefault(env["CNI_CONTAINERID"], set())
        if env["CNI_COMMAND"] == "ADD":
            attached.add(plugin)
        if env["CNI_COMMAND"] == "DEL":
            attached.discard(plugin)

    def learn(self, recorded, ours):
        """Remembers our plugin's MAC addresses and host end's name."""
        pairs = zip(json.loads(recorded).get("interfaces", []), json.loads(ours or "{}").get("interfaces", []))
        for there, here in pairs:
            name = here["name"] if there["name"].startswith("veth") else there["name"]
            if there.get("mac") and here.get("mac"):
                self.renamed[there["name"], there["mac"]] = (name, here["mac"])

    def play(self, calls):
        for number, call in enumerate(calls, 1):
            if call["plugin"] in NOT_YET and not os.path.exists(os.path.join(self.plugins, call["plugin"])):
                self.left_out[call["plugin"]] = self.left_out.get(call["plugin"], 0) + 1
                continue
            problem = self.call(call)
            self.done += 1
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
        for container, _ in replay.containers.values():
            container.end()
    if problem:
        print(f"FAILED: {about['scenario']}: {problem}")
        return 1
    stays = sorted(owner for owner, plugins_of in replay.attached.items() if plugins_of)
    print(f"{about['scenario']}: {replay.done} calls ({part}) with the recorded result")
    print(json.dumps({"calls": replay.done, "left_out": replay.left_out, "stays": stays}))
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))

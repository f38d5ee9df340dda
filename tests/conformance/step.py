# SPDX-License-Identifier: Apache-2.0
"""The steps of a case.

A call: {"call": "ADD bridge", ...} with
  env       CNI_* variables beside the usual ones, null for one that is not there
  id, netns, ifname, path   short for CNI_CONTAINERID, CNI_NETNS (a name below /run/netns, or a path, or ""), CNI_IFNAME, CNI_PATH
  conf      a merge patch onto the case's configuration; or stdin: the very text
  previous  true: the last ADD's result is prevResult; a name: that of the ADD "as" that name; an object: this one
  result    the exact result, keys in their order; MAC1, VETH1 ... for what the plugin chose
  part      a part of the result;  stdout, stderr: text (answer.py says which forms)
            An ADD that refuses its configuration (code 2 or 7) is repeated as STATUS, which must give the same error (or code 50), unless
            the refusal is about what STATUS is not given: prevResult, runtimeConfig, CNI_ARGS
  error     {"code": n, "msg": text, "details": text, "cniVersion": text};  exit: another code than 0, or 1 with error; or "any"
  together  how many at once, each with its $n
  by        "reference": its plugins are called; such cases are about a host that changes over, and only run when it is here
A command: {"run": "ip -n box -br address", "prints": text}; {"run": ..., "fails": true}
  {"background": "ip netns exec box busybox httpd -f"}: until the case ends
  "files": {path: content, null for none};  "listed": {folder: [names]}
  "nothing_left": [container ids];  "untouched": true: nothing has changed since the host was set up, or was remembered
  "remember": true
Each may have "for" as a case has, and is then done for each row in turn.
"""
import concurrent.futures
import json
import os
import subprocess

import case as cases
import host
from answer import answer_differs, text_differs

USUAL = {"CNI_CONTAINERID": "pod-one", "CNI_NETNS": "/run/netns/box", "CNI_IFNAME": "eth0", "CNI_ARGS": ""}
INHERITED = ["PATH", "GLIBC_TUNABLES", "GODEBUG"]  # the latter two for tests/uml: which CPU features programs use
EMPTY = {name: "" for name in USUAL}
KEYS = {"call", "env", "id", "netns", "ifname", "path", "conf", "stdin", "previous", "as", "result", "part", "stdout", "stderr",
        "error", "exit", "together", "by", "run", "prints", "fails", "background", "files", "listed", "nothing_left",
        "untouched", "remember", "for"}
OF_THE_HOST = 50
NOT_TOLD_TO_STATUS = ["prevResult", "runtimeConfig", "chain"]
SHORT = {"id": "CNI_CONTAINERID", "ifname": "CNI_IFNAME", "path": "CNI_PATH"}


class Run:
    """One case on its host."""

    def __init__(self, case, folder, reference):
        self.case = case
        self.folders = {None: folder, "reference": reference}
        self.results = {}  # of ADD, by name and the last by True
        self.before = host.state() if any("untouched" in step for step in case["steps"]) else None
        self.background = []

    def environment(self, step, verb):
        usual = {"ADD": USUAL, "CHECK": USUAL, "DEL": USUAL, "VERSION": {}}.get(verb, EMPTY)
        variables = {"CNI_COMMAND": verb, **usual}
        if verb != "VERSION":
            variables["CNI_PATH"] = self.folders[step.get("by")]
        for short, name in SHORT.items():
            if short in step:
                variables[name] = step[short]
        if "netns" in step:
            name = step["netns"]
            variables["CNI_NETNS"] = name if name == "" or "/" in name else "/run/netns/" + name
        variables.update(step.get("env", {}))
        inherited = {name: os.environ[name] for name in INHERITED if name in os.environ}
        return {**inherited, **{name: text for name, text in variables.items() if text is not None}}

    def configuration(self, step, plugin):
        if "stdin" in step:
            return step["stdin"]
        conf = cases.merged({"type": plugin, **self.case.get("conf", {})}, step.get("conf", {}))
        previous = step.get("previous", False)
        if previous is not False:
            conf["prevResult"] = previous if isinstance(previous, dict) else self.results[previous]
        return json.dumps(conf, ensure_ascii=False)

    def call(self, step):
        return list(self.call_differs(step))

    def call_differs(self, step):
        verb, plugin = step["call"].split(" ")
        environment, conf = self.environment(step, verb), self.configuration(step, plugin)
        done = subprocess.run([os.path.join(self.folders[step.get("by")], plugin)], input=conf.encode(), env=environment,
                              capture_output=True, timeout=60, check=False)
        answer = (done.returncode, done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace"))
        if verb == "ADD" and step.get("error", {}).get("code") in (2, 7) and not step.get("by"):
            yield from self.status_differs(plugin, conf, environment, answer[1])
        if verb == "ADD" and done.returncode == 0:
            try:
                self.results[True] = self.results[step.get("as", True)] = json.loads(answer[1])
            except ValueError:
                yield f"stdout is no JSON: {answer[1]!r}"
                return
        yield from answer_differs(step, answer, conf + str(environment))

    def status_differs(self, plugin, conf, environment, refusal):
        """Does STATUS answer what ADD refuses in the same way? Nothing where it is not asked, or not told the reason."""
        try:
            conf, refusal = json.loads(conf), json.loads(refusal)
        except ValueError:
            return
        if not isinstance(conf, dict) or conf.get("cniVersion") not in ("1.0.0", "1.1.0") or environment.get("CNI_ARGS"):
            return
        if {"prevResult", "runtimeConfig"} & set(conf) or any(word in refusal["msg"] for word in NOT_TOLD_TO_STATUS):
            return
        conf["cniVersion"] = "1.1.0"
        done = subprocess.run([os.path.join(self.folders[None], plugin)], input=json.dumps(conf).encode(),
                              env={**environment, **EMPTY, "CNI_COMMAND": "STATUS"}, capture_output=True, timeout=60, check=False)
        answer = json.loads(done.stdout) if done.stdout else {}
        if answer.get("msg") != refusal["msg"] or answer["code"] not in (refusal["code"], OF_THE_HOST):
            yield f"STATUS answers {answer} to what ADD refuses with {refusal['code']}: {refusal['msg']}"

    def together(self, step):
        steps = [cases.substituted(step, {"n": n}) for n in range(1, step["together"] + 1)]
        with concurrent.futures.ThreadPoolExecutor(len(steps)) as pool:
            return [difference for found in pool.map(self.call, steps) for difference in found]

    def command(self, step):
        code, out, err = host.shell(step["run"])
        if (code != 0) != step.get("fails", False):
            yield f"{step['run']}: exit code {code}: {out}{err}"
        elif "prints" in step:
            yield from text_differs(step["prints"], out.strip(), step["run"])

    def start(self, step):
        self.background.append(subprocess.Popen(["sh", "-c", "exec " + step["background"]]))

    def end(self):
        for process in self.background:
            process.kill()
            process.wait()

    def files(self, step):
        for path, content in step.get("files", {}).items():
            found = None
            if os.path.exists(path):
                with open(path, newline="") as file:
                    found = file.read()
            if found != content:
                yield f"{path} holds {found!r} instead of {content!r}"
        for path, names in step.get("listed", {}).items():
            found = sorted(os.listdir(path)) if os.path.isdir(path) else None
            if found != sorted(names):
                yield f"in {path} there is {found} instead of {sorted(names)}"

    def once(self, step):
        if "call" in step:
            yield from self.together(step) if "together" in step else self.call(step)
        if "background" in step:
            self.start(step)
        if "run" in step:
            yield from self.command(step)
        yield from self.files(step)
        for container_id in step.get("nothing_left", []):
            found = host.traces(container_id)
            if found:
                yield f"of {container_id} is left: " + "; ".join(found)
        if step.get("remember"):
            self.before = host.state()
        if step.get("untouched") and host.state() != self.before:
            yield f"the host has changed, from\n{self.before}\nto\n{host.state()}"

    def differences(self):
        for number, family in enumerate(self.case["steps"], 1):
            if set(family) - KEYS:
                raise ValueError(f"step {number}: unknown keys {sorted(set(family) - KEYS)}")
            for row in cases.rows(family.get("for", {})):
                step = cases.substituted({key: value for key, value in family.items() if key != "for"}, row)
                what = step.get("call") or step.get("run") or ", ".join(sorted(step))
                for difference in self.once(step):
                    yield f"step {number}, {what}: {difference}"

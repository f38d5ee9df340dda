# SPDX-License-Identifier: Apache-2.0
"""The steps of a case.

A call: {"call": "ADD bridge", ...} with
  env       additional CNI_* variables; null removes one
  id, netns, ifname, path   short for CNI_CONTAINERID, CNI_NETNS (a name below /run/netns, a path, or ""), CNI_IFNAME,
            CNI_PATH
  conf      merged into the case's configuration; or stdin: the exact text
  previous  prevResult; true: the last ADD's result; a name: the result of the ADD with that name in "as"; or an object
  result    the exact result, with keys in their order; MAC1, VETH1 ... stand for values that the plugin chose
  part      a part of the result;  stdout, stderr: text in one of the forms of answer.py
            If ADD rejects its configuration (code 2 or 7), STATUS must report the same error (or code 50), unless the
            error is about data that STATUS does not get: prevResult, runtimeConfig, CNI_ARGS
  error     {"code": n, "msg": text, "details": text, "cniVersion": text}
  exit      the exit code, if not 0, or 1 with "error"; or "any"
  together  the number of concurrent calls, each with its $n
  by        "reference": calls the reference's plugins. These cases are about changing over, and need the reference
A command: {"run": "ip -n box -br address", "prints": text}; {"run": ..., "fails": true}
  {"background": "ip netns exec box busybox httpd -f"}: runs until the end of the case
  "files": {path: content, or null if missing};  "listed": {folder: [names]}
  "nothing_left": [container ids];  "untouched": true: the host's state is as after its setup, or as last remembered
  "remember": true
Each step may have "for", as a case, and is then run for each row.
"""
import concurrent.futures
import json
import os
import subprocess

import case as cases
import host
from answer import answer_differs, text_differs

USUAL = {"CNI_CONTAINERID": "pod-one", "CNI_NETNS": "/run/netns/box", "CNI_IFNAME": "eth0", "CNI_ARGS": ""}
INHERITED = ["PATH"]
EMPTY = {name: "" for name in USUAL}
KEYS = {"call", "env", "id", "netns", "ifname", "path", "conf", "stdin", "previous", "as", "result", "part", "stdout",
        "stderr", "error", "exit", "together", "by", "run", "prints", "fails", "background", "files", "listed",
        "nothing_left", "untouched", "remember", "for"}
NOT_AVAILABLE = 50
UNKNOWN_TO_STATUS = ["prevResult", "runtimeConfig", "chain"]
SHORT = {"id": "CNI_CONTAINERID", "ifname": "CNI_IFNAME", "path": "CNI_PATH"}


class Run:
    """One case on its host."""

    def __init__(self, case, folder, reference):
        self.case = case
        self.folders = {None: folder, "reference": reference}
        self.results = {}  # of ADD: by name, and the last one by True
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
        done = subprocess.run([os.path.join(self.folders[step.get("by")], plugin)], input=conf.encode(),
                              env=environment, capture_output=True, timeout=60, check=False)
        answer = (done.returncode, done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace"))
        if verb == "ADD" and step.get("error", {}).get("code") in (2, 7) and not step.get("by"):
            yield from self.status_differs(plugin, conf, environment, answer[1])
        if verb == "ADD" and done.returncode == 0:
            try:
                self.results[True] = self.results[step.get("as", True)] = json.loads(answer[1])
            except ValueError:
                yield f"stdout is not JSON: {answer[1]!r}"
                return
        yield from answer_differs(step, answer, conf + str(environment))

    def status_differs(self, plugin, conf, environment, rejection):
        """STATUS must report ADD's error. Skipped if the version has no STATUS or STATUS lacks the rejected data."""
        try:
            conf, rejection = json.loads(conf), json.loads(rejection)
        except ValueError:
            return
        has_status = isinstance(conf, dict) and conf.get("cniVersion") in ("1.0.0", "1.1.0") and "msg" in rejection
        if not has_status or environment.get("CNI_ARGS"):
            return
        if {"prevResult", "runtimeConfig"} & set(conf) or any(word in rejection["msg"] for word in UNKNOWN_TO_STATUS):
            return
        conf["cniVersion"] = "1.1.0"
        done = subprocess.run([os.path.join(self.folders[None], plugin)], input=json.dumps(conf).encode(),
                              env={**environment, **EMPTY, "CNI_COMMAND": "STATUS"}, capture_output=True, timeout=60,
                              check=False)
        answer = json.loads(done.stdout) if done.stdout else {}
        if answer.get("msg") != rejection["msg"] or answer["code"] not in (rejection["code"], NOT_AVAILABLE):
            yield f"STATUS prints {answer}, but ADD fails with {rejection['code']}: {rejection['msg']}"

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
                yield f"{path} contains {found!r} instead of {content!r}"
        for path, names in step.get("listed", {}).items():
            found = sorted(os.listdir(path)) if os.path.isdir(path) else None
            if found != sorted(names):
                yield f"{path} contains {found} instead of {sorted(names)}"

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
                yield f"left of {container_id}: " + "; ".join(found)
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

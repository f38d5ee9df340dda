# SPDX-License-Identifier: Apache-2.0
"""Compares a plugin's output with a step's expectation. Each difference is a sentence."""
import json
import re

MAC = re.compile(r"\b(?!00:00:00:00:00:00)[0-9a-f]{2}(?::[0-9a-f]{2}){5}\b")
HOST_END = re.compile(r"\bveth[0-9a-f]{8,11}\b")

# All keys of an error object, in the specification's order. details may be absent.
ERROR_KEYS = ["cniVersion", "code", "msg", "details"]


def printed(value):
    """JSON in the format of Go's encoder, as plugins print it: four spaces, <, > and & escaped, no newline."""
    text = json.dumps(value, indent=4, ensure_ascii=False)
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def normalised(text, given):
    """Replaces MAC addresses and host ends that the plugin chose by numbers, in the order of their appearance."""
    for word, pattern in (("MAC", MAC), ("VETH", HOST_END)):
        known = {}
        text = pattern.sub(lambda found: found[0] if found[0] in given else
                           known.setdefault(found[0], f"{word}{len(known) + 1}"), text)
    return text


def differs(expected, value, where="answer"):
    """Compares a JSON value with an expected part. Objects may have more keys; lists must have the same length."""
    if isinstance(expected, dict) and isinstance(value, dict):
        for key, inner in expected.items():
            if key not in value:
                yield f"{where}: key {key} is missing"
            else:
                yield from differs(inner, value[key], f"{where}.{key}")
    elif isinstance(expected, list) and isinstance(value, list) and len(expected) == len(value):
        for index, inner in enumerate(expected):
            yield from differs(inner, value[index], f"{where}[{index}]")
    elif expected != value or isinstance(expected, bool) != isinstance(value, bool):
        yield f"{where}: {json.dumps(value)} instead of {json.dumps(expected)}"


def text_differs(expected, text, where):
    """expected: the text itself, or {"begins": text} or {"contains": text or texts}."""
    if isinstance(expected, str):
        expected = {"is": expected}
    if set(expected) - {"is", "begins", "contains"}:
        raise ValueError(f"{where}: unknown keys in {expected}")
    if "is" in expected and text != expected["is"]:
        yield f"{where}: {text!r} instead of {expected['is']!r}"
    if not text.startswith(expected.get("begins", "")):
        yield f"{where}: {text!r} does not begin with {expected['begins']!r}"
    parts = expected.get("contains", [])
    for part in [parts] if isinstance(parts, str) else parts:
        if part not in text:
            yield f"{where}: {text!r} does not contain {part!r}"


def error_differs(expected, stdout):
    if set(expected) - set(ERROR_KEYS) or "code" not in expected:
        raise ValueError(f"an expected error needs a code and may have only the keys {ERROR_KEYS}: {expected}")
    try:
        error = json.loads(stdout)
    except ValueError:
        yield f"stdout is not an error object: {stdout!r}"
        return
    if stdout != printed(error):
        yield f"the error object has another format: {stdout!r}"
    if list(error) != [key for key in ERROR_KEYS if key in error] or "msg" not in error:
        yield f"the error object's keys are {list(error)}"
    if "cniVersion" not in error:
        yield NO_VERSION
    elif error["cniVersion"] != expected.get("cniVersion", error["cniVersion"]):
        yield f"cniVersion: {error['cniVersion']!r} instead of {expected['cniVersion']!r}"
    if error.get("code") != expected["code"]:
        yield f"code {error.get('code')} instead of {expected['code']}, msg {error.get('msg')!r}"
    for key in ("msg", "details"):
        if key in expected:
            yield from text_differs(expected[key], error.get(key, ""), key)


NO_VERSION = "the error object has no cniVersion"


def answer_differs(step, answer, given):
    """answer: (exit code, stdout, stderr). given: the call's input; the plugin did not choose addresses in it."""
    code, stdout, stderr = answer
    wanted = step.get("exit", 1 if "error" in step else 0)
    if wanted == "any":
        return
    if code != wanted:
        yield f"exit code {code} instead of {wanted}: {stdout!r} {stderr!r}"
        return
    if "error" in step:
        yield from error_differs(step["error"], stdout)
    elif "result" in step:
        expected, stdout = printed(step["result"]), normalised(stdout, given)
        if stdout != expected:
            yield f"the result is\n{stdout}\ninstead of\n{expected}"
    elif "part" in step:
        yield from differs(step["part"], json.loads(normalised(stdout, given)))
    else:
        yield from text_differs(step.get("stdout", {} if step["call"].startswith("ADD ") else ""), stdout, "stdout")
    if "stderr" in step:
        yield from text_differs(step["stderr"], stderr, "stderr")

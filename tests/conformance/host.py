# SPDX-License-Identifier: Apache-2.0
"""A host for one case: its own network and mount namespaces, and functions to observe them.

enter() puts the process into a fresh host for its lifetime: only lo, an empty /run, /run/netns and /var/lib/cni.
"""
import ctypes
import os
import subprocess
import time

NEW_NETNS, NEW_MOUNTS = 0x40000000, 0x00020000  # CLONE_NEWNET, CLONE_NEWNS in sched.h
PRIVATE = 0x44000  # MS_REC | MS_PRIVATE in sys/mount.h
LIBC = ctypes.CDLL(None, use_errno=True)
STORES = ["/var/lib/cni", "/run/store"]


def shell(command):
    """(exit code, stdout, stderr) of a shell command."""
    done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=False)
    return done.returncode, done.stdout, done.stderr


def must(command):
    code, out, err = shell(command)
    if code != 0:
        raise RuntimeError(f"{command}: exit code {code}: {out}{err}")
    return out


def succeeds(condition):
    """Does the shell command succeed in its own network namespace?"""
    return subprocess.run(["unshare", "--net", "sh", "-c", condition], capture_output=True, check=False).returncode == 0


def mount(kind, path, flags=0, options=None):
    """mount(2). Running mount(8) would take longer than all calls of a case."""
    if LIBC.mount(kind, path.encode(), kind, flags, options) != 0:
        raise OSError(ctypes.get_errno(), "mount", path)


def enter():
    if LIBC.unshare(NEW_NETNS | NEW_MOUNTS) != 0:
        raise OSError(ctypes.get_errno(), "unshare")
    mount(None, "/", PRIVATE)
    mount(b"tmpfs", "/run")
    os.mkdir("/run/netns")
    must("ip link set lo up")
    if not os.path.isdir("/var/lib/cni"):  # must not be created on the machine itself; no other file there is needed
        mount(b"tmpfs", "/var/lib", options=b"mode=755")
        os.mkdir("/var/lib/cni")
    mount(b"tmpfs", "/var/lib/cni", options=b"mode=755")


def write(path, content):
    mode, text = content if isinstance(content, list) and len(content) == 2 else ["644", content]
    if isinstance(text, list):
        text = "\n".join(text) + "\n"
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", newline="") as file:
        file.write(text)
    os.chmod(path, int(mode, 8))


def set_up(wanted):
    for name in wanted.get("netns", "box").split():
        must(f"ip netns add {name}")
    for path, content in wanted.get("files", {}).items():
        write(path, content)
    for command in wanted.get("run", []):
        must(command)


def allocations():
    found = shell(f"find {' '.join(STORES)} -type f ! -name lock ! -name 'last_reserved_ip.*' 2>/dev/null | sort")[1]
    return found.split()


def state():
    """The state that calls may change: links, addresses, rules and the store's files. Without "tentative": the kernel
    ends duplicate address detection by itself."""
    inside = "; ".join(f"ip -n {name} -o link | cut -d: -f2; ip -n {name} -o address"
                       for name in sorted(os.listdir("/run/netns")))
    seen = must(f"ip -o link | cut -d: -f2; ip -o address; {inside or 'true'}; nft -s list ruleset")
    return seen.replace(" tentative", "") + str(allocations())


def traces(container_id):
    """What is left of a container: links, elements, rules, iptables rules, files. The kernel deletes the links of a
    deleted namespace some time later: waits for that."""
    found = []
    for _ in range(100):
        links = must("ip -d link")
        found = [line.strip() for line in links.splitlines() if container_id in line or ": veth" in line]
        if not found:
            break
        time.sleep(0.02)
    rules = must("nft list ruleset; iptables-legacy-save 2>/dev/null || true")
    found += [line.strip() for line in rules.splitlines() if container_id in line]
    for path in allocations():
        with open(path, errors="replace") as file:
            found.append(f"{path}: {file.read()!r}")
    return found

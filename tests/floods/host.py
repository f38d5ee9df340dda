# SPDX-License-Identifier: Apache-2.0
"""The flood's private host: network, mount and PID namespaces, and the containers' network namespaces.

The driver is process 1 of the PID namespace. All processes end with it, and orphans of killed plugins are its children.
"""
import ctypes
import os
import subprocess
import sys
import threading
import time

STORE = "/run/store"  # dataDir of every network
NETNS = "/run/netns"
NEW_NETNS = 0x40000000  # CLONE_NEWNET in sched.h
BIND, DETACH = 0x1000, 2  # MS_BIND and MNT_DETACH in sys/mount.h
INSIDE = "FOOTBRIDGE_FLOOD_HOST"

libc = ctypes.CDLL(None, use_errno=True)


def must(result):
    if result != 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


def enter():
    """Starts this program again in new namespaces, and sets up the host there."""
    if INSIDE not in os.environ:
        os.environ[INSIDE] = "yes"
        command = ["unshare", "--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc", "--propagation",
                   "private", sys.executable, "-B", os.path.abspath(sys.argv[0]), *sys.argv[1:]]
        os.execvp(command[0], command)
    for command in ["mount -t tmpfs tmpfs /run", f"mkdir {NETNS} {STORE}", "ip link set lo up"]:
        subprocess.run(command.split(), check=True)


class Namespaces:
    """The containers' network namespaces."""

    def __init__(self):
        self.home = os.open("/proc/self/ns/net", os.O_RDONLY | os.O_CLOEXEC)
        self.lock = threading.Lock()
        self.names = set()

    def add(self, name):
        path = f"{NETNS}/{name}"
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDONLY, 0o444))
        own = f"/proc/self/task/{threading.get_native_id()}/ns/net"
        must(libc.unshare(NEW_NETNS))
        try:
            must(libc.mount(own.encode(), path.encode(), None, BIND, None))
        finally:
            must(libc.setns(self.home, NEW_NETNS))
        with self.lock:
            self.names.add(name)
        return path

    def discard(self, name):
        """Deletes the namespace, as when a container dies. The kernel deletes its veth pairs a moment later."""
        path = f"{NETNS}/{name}"
        must(libc.umount2(path.encode(), DETACH))
        os.unlink(path)
        with self.lock:
            self.names.discard(name)


def reap():
    """Reaps orphans. Only to be called while no call runs: each caller waits for its own process."""
    try:
        while os.waitpid(-1, os.WNOHANG)[0] != 0:
            pass
    except ChildProcessError:
        pass


def processes():
    """The command lines of all processes of this host, except the driver."""
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        if int(pid) == os.getpid():
            continue
        try:
            with open(f"/proc/{pid}/comm", encoding="utf-8") as comm, \
                 open(f"/proc/{pid}/cmdline", encoding="utf-8") as line:
                found.append(f"{pid} {comm.read().strip()} {line.read().replace(chr(0), ' ')}")
        except OSError:
            continue  # it has just ended
    return found


def wait_for_quiet(seconds):
    """Waits until the child processes that outlive plugin calls have ended. Returns those that still run."""
    end = time.monotonic() + seconds
    while True:
        reap()
        left = processes()
        if not left or time.monotonic() > end:
            return left
        time.sleep(0.05)

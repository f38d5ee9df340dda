# SPDX-License-Identifier: Apache-2.0
"""A host of the flood's own: network, mount and process namespaces, and the containers' namespaces in it.

Everything in it dies with the driver, which is its process 1: so orphans of plugins that were killed are its children, too.
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
    """Starts this program again in namespaces of its own, and sets them up there."""
    if INSIDE not in os.environ:
        os.environ[INSIDE] = "yes"
        command = ["unshare", "--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc", "--propagation",
                   "private", sys.executable, "-B", os.path.abspath(sys.argv[0]), *sys.argv[1:]]
        os.execvp(command[0], command)
    for command in ["mount -t tmpfs tmpfs /run", f"mkdir {NETNS} {STORE}", "ip link set lo up"]:
        subprocess.run(command.split(), check=True)


class Namespaces:
    """The containers' network namespaces, each by the path that a runtime would pass on."""

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
        """As when a container dies: its end of a pair goes with it, the host's a moment later."""
        path = f"{NETNS}/{name}"
        must(libc.umount2(path.encode(), DETACH))
        os.unlink(path)
        with self.lock:
            self.names.discard(name)


def reap():
    """Orphans that have ended. Only while no call is at work: its end belongs to who started it."""
    try:
        while os.waitpid(-1, os.WNOHANG)[0] != 0:
            pass
    except ChildProcessError:
        pass


def processes():
    """Command lines of the processes in this host beside the driver's own."""
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        if int(pid) == os.getpid():
            continue
        try:
            with open(f"/proc/{pid}/comm", encoding="utf-8") as comm, open(f"/proc/{pid}/cmdline", encoding="utf-8") as line:
                found.append(f"{pid} {comm.read().strip()} {line.read().replace(chr(0), ' ')}")
        except OSError:
            continue  # has just ended
    return found


def wait_for_quiet(seconds):
    """Until the processes that plugins leave to finish their work have ended; the ones that are there all the same."""
    end = time.monotonic() + seconds
    while True:
        reap()
        left = processes()
        if not left or time.monotonic() > end:
            return left
        time.sleep(0.05)

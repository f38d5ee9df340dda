# SPDX-License-Identifier: Apache-2.0
"""One call of a plugin, as a runtime makes it: a process with an environment and a configuration. It can be killed."""
import json
import os
import select
import signal
import threading
import time
from dataclasses import dataclass

DEADLINE = 90  # seconds; a plugin waits up to a minute for another call of its attachment


@dataclass
class Outcome:
    code: int  # exit code; -9 if the process was killed
    out: str
    err: str
    hung: bool = False

    @property
    def was_killed(self):
        return self.code == -signal.SIGKILL

    @property
    def json(self):
        """The JSON object on stdout; None if there is none."""
        try:
            found = json.loads(self.out)
        except ValueError:
            return None
        return found if isinstance(found, dict) else None


class Durations:
    """The average duration of each kind of call in seconds. Kills are spread over it."""

    def __init__(self):
        self.lock = threading.Lock()
        self.known = {}

    def average(self, kind):
        return self.known.get(kind, 0.02)

    def learn(self, kind, seconds):
        with self.lock:
            self.known[kind] = 0.9 * self.average(kind) + 0.1 * seconds


def memory_file(name, content=b""):
    fd = os.memfd_create(name)
    if content:
        os.write(fd, content)
        os.lseek(fd, 0, os.SEEK_SET)
    return fd


def content_of(fd):
    size = os.fstat(fd).st_size
    return os.pread(fd, size, 0).decode(errors="replace")


def has_ended(pidfd, seconds):
    return bool(select.select([pidfd], [], [], max(seconds, 0))[0])


def call(program, environment, configuration, kill_after=None):
    """kill_after: kill the process after that many seconds, if it still runs."""
    files = [memory_file("in", json.dumps(configuration).encode()), memory_file("out"), memory_file("err")]
    try:
        actions = [(os.POSIX_SPAWN_DUP2, fd, number) for number, fd in enumerate(files)]
        pid = os.posix_spawn(program, [program], environment, file_actions=actions)
        pidfd = os.pidfd_open(pid)
        hung = False
        try:
            if not has_ended(pidfd, DEADLINE if kill_after is None else kill_after):
                hung = kill_after is None
                signal.pidfd_send_signal(pidfd, signal.SIGKILL)
            code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        finally:
            os.close(pidfd)
        return Outcome(code, content_of(files[1]), content_of(files[2]), hung)
    finally:
        for fd in files:
            os.close(fd)


class Timed:
    """Measures the duration of a block in seconds."""

    def __enter__(self):
        self.begin = time.monotonic()
        return self

    def __exit__(self, *_):
        self.seconds = time.monotonic() - self.begin

# SPDX-License-Identifier: Apache-2.0
"""A shared or exclusive lock. A runtime must not call GC while an ADD or DEL runs (SPEC.md, "GC")."""
import threading
from contextlib import contextmanager


class Gate:
    def __init__(self):
        self.changed = threading.Condition()
        self.passing = 0
        self.waiting = 0  # threads that wait for `alone`; no other thread may pass meanwhile
        self.is_alone = False

    @contextmanager
    def together(self):
        with self.changed:
            self.changed.wait_for(lambda: not self.is_alone and self.waiting == 0)
            self.passing += 1
        try:
            yield
        finally:
            with self.changed:
                self.passing -= 1
                self.changed.notify_all()

    @contextmanager
    def alone(self):
        with self.changed:
            self.waiting += 1
            self.changed.wait_for(lambda: not self.is_alone and self.passing == 0)
            self.waiting -= 1
            self.is_alone = True
        try:
            yield
        finally:
            with self.changed:
                self.is_alone = False
                self.changed.notify_all()

# SPDX-License-Identifier: Apache-2.0
"""The operations on an attachment, each judged: by the model what it answers, by itself why it fails."""
import random
import time

from model import ABSENT, PRESENT, UNKNOWN
from runtime import Failure

EXHAUSTED = "no IP addresses available in range set"
CONNECTED = "already exists"  # of a second ADD
KILLED = 0.35  # of all operations; half of them end before it
PORT_TAKEN = 101


def chance(probability):
    return random.random() < probability


class Operations:
    def __init__(self, runtime, model):
        self.runtime = runtime
        self.model = model

    def place_to_kill(self, attachment):
        return random.randrange(len(attachment.network.plugins)) if chance(KILLED) else None

    def is_allowed(self, failure, attachment, begin, is_again):
        """Is there a reason for an ADD to fail like that?"""
        if attachment.way == "reference":
            self.model.happened("the reference failed")
            return not failure.outcome.hung
        if EXHAUSTED in failure.message:
            self.model.happened("network full")
            # The reference also keeps the empty files of its processes that were killed.
            return failure.way != "ours" or self.model.may_be_full(attachment, begin)
        if failure.error.get("code") == PORT_TAKEN:
            self.model.happened("port taken")
            return self.model.may_be_taken(attachment, begin)
        if is_again and CONNECTED in failure.message:
            self.model.happened("killed after it was done")
            return True
        return False

    def add(self, attachment, is_again=False):
        """is_again: after an ADD that was killed, without a DEL."""
        begin = time.monotonic()
        self.model.begin(attachment)
        self.model.happened("ADD after a killed ADD" if is_again else f"ADD ({attachment.way})")
        done = self.runtime.add(attachment, self.place_to_kill(attachment))
        if not isinstance(done, Failure):
            attachment.killed_in_first = False
            return self.model.added(attachment, done)
        attachment.killed_in_first = done.was_killed and done.place == 0
        if not done.was_killed and not self.is_allowed(done, attachment, begin, is_again):
            self.model.violation(f"ADD {attachment.owner} ({done.way}): {done.text()}")
        # The first plugin's failed ADD leaves nothing: half of these attachments never get a DEL.
        is_nothing = done.place == 0 and not done.was_killed and not is_again and attachment.way != "reference"
        return self.model.end(attachment, ABSENT if is_nothing and chance(0.5) else UNKNOWN)

    def add_twice(self, attachment):
        """A second ADD of what is there: refused, and nothing changes."""
        done = self.runtime.add(attachment)
        self.model.operations += 1
        if not isinstance(done, Failure) or CONNECTED not in done.message:
            words = done.text() if isinstance(done, Failure) else str(done)
            self.model.violation(f"ADD of the present {attachment.owner} ({attachment.way}): {words}")

    def delete(self, attachment, is_forgotten=False):
        self.model.begin(attachment)
        self.model.happened("DEL")
        netns = random.choice(["", attachment.netns]) if is_forgotten else attachment.netns
        done = self.runtime.delete(attachment, self.place_to_kill(attachment), is_forgotten, netns)
        if done is None:
            self.model.end(attachment, ABSENT)
            return True
        if not done.was_killed and attachment.way != "reference":
            self.model.violation(f"DEL {attachment.owner} ({done.way}): {done.text()}")
        self.model.end(attachment, UNKNOWN)
        attachment.killed_in_first = False
        return False

    def delete_repeatedly(self, attachment, is_forgotten=False):
        """As a runtime: until it succeeds, and perhaps once more, of what is gone."""
        tries = 0
        while not self.delete(attachment, is_forgotten):
            tries += 1
            if tries > 50:
                self.model.violation(f"DEL {attachment.owner} ({attachment.way}) fails again and again")
                return
        if chance(0.15):
            self.delete_repeatedly(attachment, True)

    def check(self, attachment):
        self.model.operations += 1
        self.model.happened("CHECK")
        done = self.runtime.check(attachment)
        if done is not None and attachment.way != "reference":
            self.model.violation(f"CHECK {attachment.owner} ({done.way}): {done.text()}")

    def collect(self, network, kill=None):
        """GC, of a network that nothing else is done on: what is not present is gone then. True when it came to its end."""
        self.model.operations += 1
        done = self.runtime.collect(network, self.model.present(network), chance(KILLED) if kill is None else kill)
        self.model.happened("GC" if done is None else "failed GC")
        if done is None:
            for attachment in self.model.unknown(network):
                self.model.happened("collected")
                # What the reference made bears no owner's name.
                self.model.end(attachment, UNKNOWN if attachment.way == "reference" else ABSENT)
            return True
        if not done.was_killed:
            self.model.violation(f"GC of {network.name}: {done.text()}")
        return False


def is_there(attachment):
    return attachment is not None and attachment.state in (PRESENT, UNKNOWN)

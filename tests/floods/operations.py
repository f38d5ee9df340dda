# SPDX-License-Identifier: Apache-2.0
"""The operations on an attachment. The model judges each result, and each failure must have an allowed reason."""
import random
import time

from model import ABSENT, PRESENT, UNKNOWN
from runtime import Failure

EXHAUSTED = "no IP addresses available in range set"
CONNECTED = "already exists"  # the error of a second ADD
KILLED = 0.35  # the probability of a kill; half of the calls end before it
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
        """May the ADD fail with this error?"""
        if attachment.way == "reference":
            self.model.happened("the reference failed")
            return not failure.outcome.hung
        if EXHAUSTED in failure.message:
            self.model.happened("network full")
            # Empty files of killed reference processes use up addresses too.
            return failure.way != "ours" or self.model.may_be_full(attachment, begin)
        if failure.error.get("code") == PORT_TAKEN:
            self.model.happened("port taken")
            return self.model.may_be_taken(attachment, begin)
        if is_again and CONNECTED in failure.message:
            self.model.happened("ADD killed after it was complete")
            return True
        return False

    def add(self, attachment, is_again=False):
        """is_again: after a killed ADD, without a DEL."""
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
        # A failed ADD of the first plugin leaves nothing, so half of these attachments never get a DEL.
        is_nothing = done.place == 0 and not done.was_killed and not is_again and attachment.way != "reference"
        return self.model.end(attachment, ABSENT if is_nothing and chance(0.5) else UNKNOWN)

    def add_twice(self, attachment):
        """A second ADD of a present attachment must fail and change nothing."""
        done = self.runtime.add(attachment)
        self.model.operations += 1
        if not isinstance(done, Failure) or CONNECTED not in done.message:
            text = done.text() if isinstance(done, Failure) else str(done)
            self.model.violation(f"second ADD of {attachment.owner} ({attachment.way}): {text}")

    def delete(self, attachment, without_result=False):
        self.model.begin(attachment)
        self.model.happened("DEL")
        netns = random.choice(["", attachment.netns]) if without_result else attachment.netns
        done = self.runtime.delete(attachment, self.place_to_kill(attachment), without_result, netns)
        if done is None:
            self.model.end(attachment, ABSENT)
            return True
        if not done.was_killed and attachment.way != "reference":
            self.model.violation(f"DEL {attachment.owner} ({done.way}): {done.text()}")
        self.model.end(attachment, UNKNOWN)
        attachment.killed_in_first = False
        return False

    def delete_repeatedly(self, attachment, without_result=False):
        """Calls DEL until it succeeds, as a runtime does, and sometimes once more."""
        tries = 0
        while not self.delete(attachment, without_result):
            tries += 1
            if tries > 50:
                self.model.violation(f"DEL {attachment.owner} ({attachment.way}) failed 50 times")
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
        """GC while no other call for the network runs. Afterwards no attachment is unknown. Returns True on success."""
        self.model.operations += 1
        done = self.runtime.collect(network, self.model.present(network), chance(KILLED) if kill is None else kill)
        self.model.happened("GC" if done is None else "failed GC")
        if done is None:
            for attachment in self.model.unknown(network):
                self.model.happened("collected")
                # GC cannot find attachments of the reference: their objects do not name the owner.
                self.model.end(attachment, UNKNOWN if attachment.way == "reference" else ABSENT)
            return True
        if not done.was_killed:
            self.model.violation(f"GC of {network.name}: {done.text()}")
        return False


def is_there(attachment):
    return attachment is not None and attachment.state in (PRESENT, UNKNOWN)

#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Sixty-four processes at once add and delete, are killed at random, and nothing may be lost or left.

    flood.py --seconds N [--workers 64] [--seed S] [--reference FOLDER] [--bin FOLDER]

Each worker has some containers and does at random what runtimes do, and what happens to them: ADD, CHECK, DEL, DEL again, ADD
after a killed ADD, GC, containers that die without a DEL. A model (model.py) knows what must be there. It is compared with the
kernel and the store (compare.py) when all workers pause, and at the end. The last line tells how many differences there were.
With the folder of the reference plugins, one network has its addresses from both: ADD, CHECK and DEL of one attachment each
find our host-local or the reference's by lot, and the reference's bridge works beside.
"""
import argparse
import os
import random
import sys
import time

import host
from compare import Comparison
from model import PRESENT, Attachment, Model, Port
from networks import own, shared
from operations import Operations, chance
from runtime import IPAM_OF_REFERENCE, Failure, Runtime
from worker import Field, Worker

SOURCE = os.path.realpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))
OWN = 8  # networks that only an eighth of the workers use
FILLED = ("plain", "ptp", "mixed")  # at the end, to their last address
PAUSE = 12  # seconds between two comparisons


def parse_arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=40)
    parser.add_argument("--workers", type=int, default=64)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--reference", default=f"{SOURCE}/build/reference/usr/lib/cni")
    parser.add_argument("--bin", default=os.environ.get("FOOTBRIDGE_BIN", f"{SOURCE}/build/release/bin"))
    return parser.parse_args()


def prepare_reference(folder):
    """The folder of the reference plugins, with a folder beside it in CNI_PATH that has its host-local alone; None without it."""
    if not os.access(f"{folder}/host-local", os.X_OK):
        print("without the reference plugins, which are not there", flush=True)
        return None
    os.mkdir(IPAM_OF_REFERENCE)
    os.symlink(os.path.abspath(f"{folder}/host-local"), f"{IPAM_OF_REFERENCE}/host-local")
    return os.path.abspath(folder)


def fill(operations, namespaces, network):
    """Every address of the range can be had, and no more: neither the files nor the index lie."""
    netns = namespaces.add(f"full-{network.name}")
    made = []
    for number in range(network.capacity + 1):
        attachment = Attachment(network, f"full-{network.name}", f"f{number}", netns)
        operations.model.begin(attachment)
        done = operations.runtime.add(attachment)
        if isinstance(done, Failure):
            operations.model.end(attachment, "absent")
            if number != network.capacity:
                operations.model.violation(f"{network.name} is full after {number} of {network.capacity}: {done.text()}")
            break
        operations.model.added(attachment, done)
        made.append(attachment)
    else:
        operations.model.violation(f"{network.name} gave more addresses than it has")
    return made


def take_down(operations):
    for attachment in list(operations.model.attachments):
        operations.delete_repeatedly(attachment)


def resolve(operations, networks):
    """What nobody knows is taken down: by DEL, or by GC."""
    by_collection = chance(0.5)
    for network in networks if by_collection else []:
        operations.collect(network, kill=False)
    for attachment in operations.model.unknown():
        operations.delete_repeatedly(attachment)


def warm_up(operations, namespaces, networks):
    """One attachment of each network and its DEL: from then on the tables are whole."""
    for network in networks:
        netns = namespaces.add(f"first-{network.name}")
        ports = (Port("tcp", 20000), ) if network.has_ports else ()
        attachment = Attachment(network, f"first-{network.name}", "eth0", netns, ports=ports)
        operations.model.begin(attachment)
        done = operations.runtime.add(attachment)
        if isinstance(done, Failure):
            raise SystemExit(f"not even one attachment: {done.text()}")
        operations.model.added(attachment, done)
        operations.delete_repeatedly(attachment)


def run(field, comparison, arguments, workers):
    for worker in workers:
        worker.start()
    end = time.monotonic() + arguments.seconds
    while time.monotonic() < end:
        time.sleep(min(PAUSE, max(end - time.monotonic(), 0)))
        with field.pause.alone():
            resolve(field.operations, field.networks)
            present = len([one for one in field.operations.model.attachments if one.state == PRESENT])
            comparison.whole("during the flood")
            print(f"{field.operations.model.operations} operations, {field.operations.runtime.kills} killed, "
                  f"{present} attachments are there", flush=True)
            if time.monotonic() >= end:
                field.is_over.set()
    for worker in workers:
        worker.join()


def main():
    arguments = parse_arguments()
    if os.getuid() != 0:
        print("SKIP: needs root to make network namespaces")
        return 77
    arguments.bin = os.path.abspath(arguments.bin)
    host.enter()
    random.seed(arguments.seed)
    reference = prepare_reference(arguments.reference)
    model, namespaces = Model(), host.Namespaces()
    operations = Operations(Runtime(arguments.bin, reference), model)
    own_networks = [own(number) for number in range(OWN)]
    shared_networks = shared(reference is not None)
    networks = shared_networks + own_networks
    comparison = Comparison(model, networks, namespaces, reference is not None)
    warm_up(operations, namespaces, networks)
    comparison.learn_ruleset()
    field = Field(networks, namespaces, operations, comparison.network)
    workers = [Worker(number, field, shared_networks + [own_networks[number % OWN]]) for number in range(arguments.workers)]
    run(field, comparison, arguments, workers)
    take_down(operations)
    comparison.whole("after the last DEL")
    for network in networks:
        if network.name in FILLED:
            fill(operations, namespaces, network)
    comparison.whole("with full networks")
    take_down(operations)
    comparison.whole("at the end")
    print(", ".join(f"{event} {count}" for event, count in sorted(model.events.items())))
    print(f"flood: {model.operations} operations by {arguments.workers} processes, {operations.runtime.kills} killed, "
          f"{len(model.violations)} differences", flush=True)
    return 1 if model.violations else 0


if __name__ == "__main__":
    sys.exit(main())

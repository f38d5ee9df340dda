#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""64 workers add and delete attachments concurrently, with random kills. Nothing may be lost or left.

    flood.py --seconds N [--workers 64] [--seed S] [--reference FOLDER] [--bin FOLDER]

Each worker has some containers and makes random calls: ADD, CHECK, DEL, repeated DEL, ADD after a killed ADD, GC. Some
containers die without a DEL. The model (model.py) has the expected state. It is compared with the kernel and the store
(compare.py) when all workers pause, and at the end. The last line has the number of differences.

With the reference plugins, one network uses both: each ADD, CHECK and DEL of our bridge calls our host-local or the
reference's at random, and some attachments use the reference's bridge.
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
from worker import Shared, Worker

SOURCE = os.path.realpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))
OWN = 8  # number of networks that only an eighth of the workers use
FILLED = ("plain", "ptp", "mixed")  # networks to fill at the end, up to the last address
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
    """Creates a folder for CNI_PATH with only the reference's host-local. Returns the reference's folder, or None."""
    if not os.access(f"{folder}/host-local", os.X_OK):
        print(f"without the reference plugins: {folder}/host-local not found", flush=True)
        return None
    os.mkdir(IPAM_OF_REFERENCE)
    os.symlink(os.path.abspath(f"{folder}/host-local"), f"{IPAM_OF_REFERENCE}/host-local")
    return os.path.abspath(folder)


def fill(operations, namespaces, network):
    """Allocates all addresses of the range, and no more: the files and the index are correct."""
    netns = namespaces.add(f"full-{network.name}")
    made = []
    for number in range(network.capacity + 1):
        attachment = Attachment(network, f"full-{network.name}", f"f{number}", netns)
        operations.model.begin(attachment)
        done = operations.runtime.add(attachment)
        if isinstance(done, Failure):
            operations.model.end(attachment, "absent")
            if number != network.capacity:
                operations.model.violation(f"{network.name} is full after {number} of {network.capacity} addresses: "
                                           f"{done.text()}")
            break
        operations.model.added(attachment, done)
        made.append(attachment)
    else:
        operations.model.violation(f"{network.name} allocated more than {network.capacity} addresses")
    return made


def delete_all(operations):
    for attachment in list(operations.model.attachments):
        operations.delete_repeatedly(attachment)


def resolve(operations, networks):
    """Deletes attachments in unknown state, by DEL or by GC."""
    by_collection = chance(0.5)
    for network in networks if by_collection else []:
        operations.collect(network, kill=False)
    for attachment in operations.model.unknown():
        operations.delete_repeatedly(attachment)


def warm_up(operations, namespaces, networks):
    """ADD and DEL of one attachment in each network. After this the tables are complete."""
    for network in networks:
        netns = namespaces.add(f"first-{network.name}")
        ports = (Port("tcp", 20000), ) if network.has_ports else ()
        attachment = Attachment(network, f"first-{network.name}", "eth0", netns, ports=ports)
        operations.model.begin(attachment)
        done = operations.runtime.add(attachment)
        if isinstance(done, Failure):
            raise SystemExit(f"the first ADD failed: {done.text()}")
        operations.model.added(attachment, done)
        operations.delete_repeatedly(attachment)


def run(state, comparison, arguments, workers):
    for worker in workers:
        worker.start()
    end = time.monotonic() + arguments.seconds
    while time.monotonic() < end:
        time.sleep(min(PAUSE, max(end - time.monotonic(), 0)))
        with state.pause.alone():
            resolve(state.operations, state.networks)
            present = len([one for one in state.operations.model.attachments if one.state == PRESENT])
            comparison.all("during the flood")
            print(f"{state.operations.model.operations} operations, {state.operations.runtime.kills} killed, "
                  f"{present} attachments", flush=True)
            if time.monotonic() >= end:
                state.is_over.set()
    for worker in workers:
        worker.join()


def main():
    arguments = parse_arguments()
    if os.getuid() != 0:
        print("SKIP: needs root to create network namespaces")
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
    state = Shared(networks, namespaces, operations, comparison.network)
    workers = [Worker(number, state, shared_networks + [own_networks[number % OWN]])
               for number in range(arguments.workers)]
    run(state, comparison, arguments, workers)
    delete_all(operations)
    comparison.all("after the last DEL")
    for network in networks:
        if network.name in FILLED:
            fill(operations, namespaces, network)
    comparison.all("with full networks")
    delete_all(operations)
    comparison.all("at the end")
    print(", ".join(f"{event} {count}" for event, count in sorted(model.events.items())))
    print(f"flood: {model.operations} operations by {arguments.workers} workers, {operations.runtime.kills} killed, "
          f"{len(model.violations)} differences", flush=True)
    return 1 if model.violations else 0


if __name__ == "__main__":
    sys.exit(main())

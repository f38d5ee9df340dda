#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Pods through the CRI, as the kubelet creates them: cri_pods.py SOCKET CNIVERSION, on the host that cri_test.sh sets
up.

After each test the host must be as before: links, addresses, routes, rules, the store, namespaces, cgroups, shims.
"""
import difflib
import os
import subprocess
import sys
import time
import unittest
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import grpc

from cri import READY_SECONDS, Cri, ExitCode

HERE = Path(__file__).resolve().parent
SERVER = ("sh", "-c", "hostname >/www/index.html; exec httpd -f -p 80 -h /www")
SLEEPER = ("sleep", "1000000")
LAN4, LAN6, OUTSIDE4, OUTSIDE6 = "198.51.100.1", "[fd00:51::1]", "198.51.100.2", "[fd00:51::2]"
PODS_AT_ONCE = 30


def runtime_state():
    """The host's state, from lib.sh and host.sh."""
    script = f". {HERE.parent}/lib.sh; . {HERE}/host.sh; runtime_state"
    return subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=True).stdout


def changes(before):
    """The difference to that state."""
    return list(difflib.unified_diff(before.splitlines(), runtime_state().splitlines(), lineterm="", n=2))


def fetch(where, url, seconds=30):
    """Returns a page of a web server. where: a command prefix (HOST, OUTSIDE). Raises CalledProcessError."""
    command = [*where, "timeout", str(seconds), "busybox", "wget", "-qO-", url]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


HOST, OUTSIDE = [], ["ip", "netns", "exec", "outside"]


def set_forward_policy(verdict):
    for program in ("iptables", "ip6tables"):
        subprocess.run([program, "-w", "-P", "FORWARD", verdict], check=True)


def bracketed(address):
    return f"[{address}]" if ":" in address else address


def soon(fetch_page):
    """Calls fetch_page() until it succeeds: a server in a container listens a moment after its start."""
    end = time.monotonic() + READY_SECONDS
    while True:
        try:
            return fetch_page()
        except (ExitCode, subprocess.CalledProcessError):
            if time.monotonic() > end:
                raise
            time.sleep(0.05)


class Pods(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.cri = Cri(sys.argv[1], os.environ["FOOTBRIDGE_RUNTIME_GROUP"])
        cls.cri.wait_for_network()
        set_forward_policy("ACCEPT")  # iptables' tables stay, too
        first = cls.cri.run_pod("first", ports=[(8000, 80)])  # the bridge and the tables stay
        first.stop()
        first.remove()

    def setUp(self):
        self.pods = []
        self.before = runtime_state()

    def tearDown(self):
        set_forward_policy("ACCEPT")
        for pod in self.pods:
            pod.stop()
            pod.remove()
        end = time.monotonic() + READY_SECONDS
        left = changes(self.before)
        while left and time.monotonic() < end:  # a shim ends after Remove has returned
            time.sleep(0.1)
            left = changes(self.before)
        self.assertFalse(left, "the host has changed after all pods were removed:\n" + "\n".join(left))

    def run_pod(self, name, **options):
        pod = self.cri.run_pod(name, **options)
        self.pods.append(pod)
        return pod

    def run_server(self, name, **options):
        pod = self.run_pod(name, **options)
        box = pod.start("server", *SERVER)
        soon(lambda: box.fetch("http://127.0.0.1/"))
        return pod, box

    def test_a_pod_has_the_addresses_that_the_runtime_reports(self):
        pod = self.run_pod("red")
        four, six = pod.addresses()
        inside = pod.start("box", *SLEEPER).run("ip", "-o", "address", "show", "dev", "eth0", "scope", "global")
        self.assertRegex(inside, rf" {four}/24 ")
        self.assertRegex(inside, rf" {six}/64 ")
        self.assertTrue(four.startswith("10.88.0."), four)
        self.assertTrue(six.startswith("fd00:88::"), six)

    def test_a_sysctl_of_the_network_is_set_in_the_pod_and_not_on_the_host(self):
        name = "net.ipv4.conf.all.arp_filter"
        self.assertEqual(self.run_pod("red").start("box", *SLEEPER).run("sysctl", "-n", name), "1")
        self.assertEqual(Path("/proc/sys", name.replace(".", "/")).read_text().strip(), "0")

    def test_two_containers_of_a_pod_share_only_network_memory_and_host_name(self):
        pod, one = self.run_server("red")
        two = pod.start("two", *SLEEPER)
        for address in ("127.0.0.1", "[::1]"):
            self.assertEqual(two.fetch(f"http://{address}/"), "red", "over localhost")
        one.run("inside", "shm-write", "42", "from one")
        self.assertEqual(two.run("inside", "shm-read", "42"), "from one", "System V shared memory")
        one.run("sh", "-c", "echo also by one >/dev/shm/file")
        self.assertEqual(two.run("cat", "/dev/shm/file"), "also by one", "POSIX shared memory")
        shared = [("readlink", f"/proc/self/ns/{kind}") for kind in ("net", "ipc", "uts")]
        for command in (("hostname",), ("ip", "address"), *shared):
            self.assertEqual(one.run(*command), two.run(*command), "the same in both")
        for kind in ("mnt", "pid"):
            link = ("readlink", f"/proc/self/ns/{kind}")
            self.assertNotEqual(one.run(*link), two.run(*link))
        self.assertEqual(two.run("hostname"), "red")
        one.run("touch", "/file-of-one")
        with self.assertRaises(ExitCode):
            two.run("ls", "/file-of-one")
        other = self.run_pod("blue").start("three", *SLEEPER)
        with self.assertRaises(ExitCode):
            other.run("inside", "shm-read", "42")

    def test_pods_reach_each_other_themselves_and_the_outside(self):
        red, box = self.run_server("red")
        blue, other = self.run_server("blue")
        for address in red.addresses():
            for container in (other, box):
                self.assertEqual(container.fetch(f"http://{bracketed(address)}/"), "red")
            self.assertEqual(fetch(HOST, f"http://{bracketed(address)}/"), "red")
        self.assertFalse(set(red.addresses()) & set(blue.addresses()))
        for gateway in ("10.88.0.1", "fd00:88::1"):
            box.run("ping", "-c", "1", "-W", "30", gateway)
        for outside, host in ((OUTSIDE4, LAN4), (OUTSIDE6, LAN6)):
            client = box.fetch(f"http://{outside}/cgi-bin/client").replace("::ffff:", "")
            self.assertEqual(client.strip("[]"), host.strip("[]"), "a pod is masqueraded")

    def test_a_pod_reaches_the_outside_if_the_host_s_forward_policy_is_drop(self):
        set_forward_policy("DROP")
        _, box = self.run_server("red")
        for outside in (OUTSIDE4, OUTSIDE6):
            box.fetch(f"http://{outside}/cgi-bin/client")

    def test_a_host_port_is_reachable_from_everywhere_until_the_pod_is_stopped(self):
        red, box = self.run_server("red", ports=[(8080, 80)])
        _, other = self.run_server("blue")
        urls = [f"http://{host}:8080/" for host in (LAN4, LAN6)]
        for url in urls:
            self.assertEqual(fetch(OUTSIDE, url), "red", "from outside")
            self.assertEqual(fetch(HOST, url), "red", "from the host")
            self.assertEqual(other.fetch(url), "red", "from another pod")
            self.assertEqual(box.fetch(url), "red", "from the pod itself: hairpin")
        self.assertEqual(fetch(HOST, "http://127.0.0.1:8080/"), "red", "from the host through localhost")
        red.stop()
        for url in urls:
            with self.assertRaises(subprocess.CalledProcessError) as error:
                fetch(OUTSIDE, url)
            self.assertIn("Connection refused", error.exception.stderr)
            with self.assertRaisesRegex(ExitCode, "Connection refused"):
                other.fetch(url)

    def test_a_host_port_can_be_published_again_after_its_pod_was_stopped(self):
        for name in ("red", "blue"):
            pod, _ = self.run_server(name, ports=[(8080, 80), (8081, 80)])
            for port in (8080, 8081):
                self.assertEqual(fetch(OUTSIDE, f"http://{LAN4}:{port}/"), name)
            pod.stop()

    def test_a_pod_can_be_stopped_three_times_and_removed_twice(self):
        pod, _ = self.run_server("red", ports=[(8080, 80)])
        other, _ = self.run_server("blue")
        address = pod.addresses()[0]
        for _ in range(3):
            pod.stop()
            with self.assertRaises(subprocess.CalledProcessError):
                subprocess.run(["ping", "-c", "1", "-W", "1", address], check=True, capture_output=True)
        pod.remove()
        pod.remove()
        self.pods.remove(pod)
        self.assertEqual(fetch(HOST, f"http://{other.addresses()[0]}/"), "blue", "another pod still works")

    def test_a_pod_on_the_host_network_has_the_host_s_interfaces(self):
        box = self.run_pod("host", host_network=True).start("box", *SLEEPER)
        self.assertIn(f" {LAN4}/24 ", box.run("ip", "-o", "address", "show", "dev", "lan0"))

    def test_an_invalid_port_fails_the_pod_with_the_plugin_s_message_and_leaves_nothing(self):
        with self.assertRaises(grpc.RpcError) as error:
            self.run_pod("red", ports=[(8080, 80), (70000, 80)])
        self.assertIn("70000", error.exception.details())
        self.assertIn("portmap", error.exception.details())

    @unittest.skipIf(sys.argv[2] < "1.1.0", "this runtime does not call STATUS")
    def test_a_node_whose_network_fails_status_is_not_ready_and_reports_why(self):
        self.cri.wait_for_network()
        subprocess.run(["ip", "address", "add", "10.88.0.200/25", "dev", "lan0"], check=True)
        condition = self.cri.conditions()["NetworkReady"]
        subprocess.run(["ip", "address", "delete", "10.88.0.200/25", "dev", "lan0"], check=True)
        self.assertFalse(condition.status)
        self.assertIn("lan0", condition.message)
        self.assertTrue(self.cri.conditions()["NetworkReady"].status)

    def test_thirty_pods_at_once(self):
        with ThreadPoolExecutor(PODS_AT_ONCE) as threads:
            ports = lambda n: [(9000 + n, 80)]
            pods = list(threads.map(lambda n: self.run_pod(f"pod{n}", ports=ports(n)), range(PODS_AT_ONCE)))
            addresses = [address for pod in pods for address in pod.addresses()]
            self.assertEqual(len(set(addresses)), 2 * PODS_AT_ONCE, "each pod has its own addresses")
            for address in addresses:
                subprocess.run(["ping", "-c", "1", "-w", "30", address], check=True, capture_output=True)
            list(threads.map(lambda pod: (pod.stop(), pod.remove()), pods))
        self.pods.clear()


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=0)

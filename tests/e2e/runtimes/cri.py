# SPDX-License-Identifier: Apache-2.0
"""A client of the CRI, for /usr/bin/python3 with Debian's python3-grpcio and python3-protobuf (and protoc).

    cri = Cri(socket, group="/footbridge-1")        group: the cgroup of all containers
    pod = cri.run_pod("web", ports=[(8080, 80)])    RunPodSandbox; pod.addresses() returns the runtime's addresses
    box = pod.start("box", "httpd", "-f")           CreateContainer, StartContainer; the image is localhost/busybox:1
    box.fetch("http://127.0.0.1/")                  returns a page of a web server
    box.run("hostname")                             ExecSync: returns the output; raises ExitCode if the command fails
    pod.stop(); pod.remove()

An error of the runtime is a grpc.RpcError; details() is the runtime's message. Several threads may make calls.
"""
import importlib
import subprocess
import sys
import tempfile
import time
import uuid
from pathlib import Path

import grpc

SECONDS = 180  # per call: thirty pods on a busy machine are slow
READY_SECONDS = 90
FETCH_SECONDS = 30


def messages():
    """cri.proto, compiled."""
    here = Path(__file__).resolve().parent
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["protoc", f"--proto_path={here}", f"--python_out={folder}", here / "cri.proto"], check=True)
        sys.path.insert(0, folder)
        try:
            return importlib.import_module("cri_pb2")
        finally:
            sys.path.remove(folder)


pb = messages()


class ExitCode(Exception):
    """A command in a container failed."""

    def __init__(self, command, response):
        output = (response.stderr.strip() or response.stdout.strip()).decode(errors="replace")
        super().__init__(f"{' '.join(command)}: exit code {response.exit_code}: {output}")
        self.code = response.exit_code


class Cri:
    def __init__(self, socket, group):
        self.group = group
        self.channel = grpc.insecure_channel(f"unix://{socket}", options=[("grpc.default_authority", "localhost")])

    def call(self, method, **fields):
        """The response to <method>Request(**fields)."""
        request = getattr(pb, method + "Request")(**fields)
        response = getattr(pb, method + "Response")
        send = self.channel.unary_unary(f"/runtime.v1.RuntimeService/{method}",
                                        response_deserializer=response.FromString,
                                       request_serializer=lambda message: message.SerializeToString())
        return send(request, timeout=SECONDS)

    def conditions(self):
        return {condition.type: condition for condition in self.call("Status").status.conditions}

    def wait_for_network(self):
        """Waits until the runtime has read its CNI folder."""
        end = time.monotonic() + READY_SECONDS
        while not self.conditions()["NetworkReady"].status:
            if time.monotonic() > end:
                raise TimeoutError(f"no network: {self.conditions()['NetworkReady'].message}")
            time.sleep(0.05)

    def run_pod(self, name, ports=(), host_network=False):
        """ports: (host port, container port), or (host port, container port, pb.UDP)."""
        options = namespaces(host_network)
        config = pb.PodSandboxConfig(
            metadata=pb.PodSandboxMetadata(name=name, uid=str(uuid.uuid4()), namespace="default"),
            hostname="" if host_network else name,
            port_mappings=[pb.PortMapping(host_port=port[0], container_port=port[1], protocol=(*port, pb.TCP)[2])
                           for port in ports],
            linux=pb.LinuxPodSandboxConfig(cgroup_parent=self.group,
                                           security_context=pb.LinuxSandboxSecurityContext(namespace_options=options)))
        return Pod(self, config, self.call("RunPodSandbox", config=config).pod_sandbox_id, options)


def namespaces(host_network):
    return pb.NamespaceOption(network=pb.NODE if host_network else pb.POD, pid=pb.CONTAINER, ipc=pb.POD)


class Pod:
    def __init__(self, cri, config, pod_id, options):
        self.cri, self.config, self.id, self.options = cri, config, pod_id, options

    def addresses(self):
        network = self.cri.call("PodSandboxStatus", pod_sandbox_id=self.id).status.network
        return [network.ip] + [more.ip for more in network.additional_ips]

    def start(self, name, *command):
        config = pb.ContainerConfig(
            metadata=pb.ContainerMetadata(name=name), image=pb.ImageSpec(image="localhost/busybox:1"), command=command,
            linux=pb.LinuxContainerConfig(
                security_context=pb.LinuxContainerSecurityContext(namespace_options=self.options)))
        made = self.cri.call("CreateContainer", pod_sandbox_id=self.id, config=config, sandbox_config=self.config)
        self.cri.call("StartContainer", container_id=made.container_id)
        return Container(self.cri, made.container_id)

    def stop(self):
        self.cri.call("StopPodSandbox", pod_sandbox_id=self.id)

    def remove(self):
        self.cri.call("RemovePodSandbox", pod_sandbox_id=self.id)


class Container:
    def __init__(self, cri, container_id):
        self.cri, self.id = cri, container_id

    def run(self, *command):
        response = self.cri.call("ExecSync", container_id=self.id, cmd=command, timeout=SECONDS)
        if response.exit_code != 0:
            raise ExitCode(command, response)
        return response.stdout.decode().strip()

    def fetch(self, url):
        """Returns a page of a web server; raises ExitCode."""
        return self.run("timeout", str(FETCH_SECONDS), "wget", "-qO-", url)

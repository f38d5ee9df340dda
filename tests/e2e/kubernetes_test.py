#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""conf-examples/kubernetes: checks each manifest against Kubernetes' types, runs what its containers run, and checks
each configuration."""
import copy
import json
import os
import re
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

try:
    import yaml
except ImportError:
    if sys.executable != "/usr/bin/python3":  # only Debian's Python finds Debian's packages
        os.execv("/usr/bin/python3", ["/usr/bin/python3", "-B", *sys.argv])
    print("SKIP: needs python3-yaml")
    sys.exit(77)

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE / "kubernetes"))
from api import Api  # noqa: E402  # pylint: disable=wrong-import-position
import manifests  # noqa: E402  # pylint: disable=wrong-import-position

TOP = HERE.parent.parent
EXAMPLES = TOP / "conf-examples/kubernetes"
FOOTBRIDGE = Path(os.environ["FOOTBRIDGE_BIN"]).resolve() / "footbridge"
MODELS = TOP / "build/kubernetes/usr/lib/python3/dist-packages/kubernetes/client/models"
IMAGE = "footbridge:" + (TOP / "VERSION").read_text().strip()
DAEMON_SETS = ("plugins.yaml", "network.yaml", "network-dual.yaml")
# The pod CIDRs of a node: the keys of the ConfigMap footbridge-nodes.
NODES = {"network.yaml": {"worker-1": "10.244.7.0/24"},
         "network-dual.yaml": {"worker-1.4": "10.244.7.0/24", "worker-1.6": "fd00:10:244:7::/64"}}
CLUSTERS = ("kind-kindnet.yaml", "kind-footbridge.yaml")


def documents(name):
    return list(yaml.safe_load_all((EXAMPLES / name).read_text()))


def of_kind(name, kind):
    return next(document for document in documents(name) if document["kind"] == kind)


def install(*arguments):
    return subprocess.run([FOOTBRIDGE, "install", *arguments], capture_output=True, text=True, check=False)


def error_of(text, *settings):
    """The error of `footbridge install` with that configuration; "" if it is accepted."""
    with tempfile.TemporaryDirectory() as folder:
        template = Path(folder) / "10-example.conflist"
        template.write_text(text)
        target = Path(folder) / "net.d"
        target.mkdir()
        done = install("--config", template, "--config-dest", target, *settings)
        return done.stderr


def rendered(template, ranges):
    """containerd's template for these pod CIDRs; implements only the part of Go's templates that it uses."""
    loop = re.compile(r"\{\{range \$i, \$range := \.PodCIDRRanges\}\}(.*)\{\{end\}\}(?=\])")
    def repeat(match):
        return "".join(re.sub(r"\{\{if \$i\}\}(.*?)\{\{end\}\}", r"\1" if number else "",
                              match.group(1)).replace("{{$range}}", one)
                       for number, one in enumerate(ranges))
    return loop.sub(repeat, template)


def run_container(name, container, pod, root, variables):
    """Runs footbridge as the container of that manifest does, with its mounts below root; variables: the
    environment."""
    for mount in container.get("volumeMounts", []):
        (root / mount["mountPath"][1:]).mkdir(parents=True, exist_ok=True)
    for volume in pod["volumes"]:
        if "configMap" in volume and volume["configMap"]["name"] == "footbridge-network":
            mount = next(one["mountPath"] for one in container["volumeMounts"] if one["name"] == volume["name"])
            for file, text in of_kind(name, "ConfigMap")["data"].items():
                (root / mount[1:] / file).write_text(text)
    arguments = []
    for argument in container["args"]:
        for variable, value in variables.items():
            argument = argument.replace(f"$({variable})", value)
        for mount in container.get("volumeMounts", []):
            argument = re.sub(rf"(^|=){mount['mountPath']}(?=/|$)", rf"\1{root}{mount['mountPath']}", argument)
        arguments.append(argument)
    return subprocess.run([FOOTBRIDGE, *arguments], capture_output=True, text=True, check=False)


class Manifests(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.api = Api(MODELS) if MODELS.is_dir() else None
        if cls.api is None:
            print("SKIP: checking manifests against Kubernetes' types needs build/kubernetes, which ./run test fetches")

    def problems(self, document):
        found = list(manifests.shape_problems(self.api, document)) if self.api else []
        if not found and document["kind"] == "DaemonSet":
            found += manifests.daemon_set_problems(document, IMAGE)
        return found

    def test_each_object_is_valid(self):
        for name in DAEMON_SETS:
            for document in documents(name):
                with self.subTest(name=name, kind=document["kind"]):
                    self.assertEqual(self.problems(document), [])

    def test_a_broken_manifest_is_rejected(self):
        def pod(document):
            return document["spec"]["template"]["spec"]

        def init(document):
            return pod(document)["initContainers"][0]
        breaks = {
            "unknown field containres": lambda d: pod(d).update(containres=pod(d)["containers"]),
            "containers is missing": lambda d: pod(d).pop("containers"),
            "selector is missing": lambda d: d["spec"].pop("selector"),
            "'yes' is not of type bool": lambda d: pod(d).update(hostNetwork="yes"),
            "not a list": lambda d: pod(d)["containers"][0].update(args="pause"),
            "unknown field mountpath": lambda d: init(d)["volumeMounts"][0].update(mountpath="/x"),
            "mountPath is missing": lambda d: init(d)["volumeMounts"][0].pop("mountPath"),
            "not a supported kind": lambda d: d.update(apiVersion="extensions/v1beta1"),
        } if self.api else {}
        breaks.update({
            "unknown volume plugins": lambda d: pod(d)["volumes"].pop(0),
            "volume plugins is not mounted": lambda d: init(d)["volumeMounts"].pop(0),
            "does not select its own pods": lambda d: d["spec"]["template"]["metadata"]["labels"].clear(),
            "the image is": lambda d: pod(d)["containers"][0].update(image="footbridge:0.0.9"),
            "the container is privileged": lambda d: init(d)["securityContext"].update(privileged=True),
            "hostNetwork must be": lambda d: pod(d).pop("hostNetwork"),
            "tolerations must be": lambda d: pod(d).pop("tolerations"),
            "must run as root": lambda d: init(d)["securityContext"].update(runAsUser=1000),
            "unknown hostPath type DirectoryOrcreate": lambda d: pod(d)["volumes"][0]["hostPath"].update(
                type="DirectoryOrcreate"),
            "the host's /opt/cni is mounted at": lambda d: pod(d)["volumes"][0]["hostPath"].update(path="/opt/cni"),
            "NODE_NAME is not the node's name": lambda d: init(d)["env"][0]["valueFrom"]["fieldRef"].update(
                fieldPath="metadata.name"),
            "invalid quantity 32MiB": lambda d: init(d)["resources"]["limits"].update(memory="32MiB"),
            "maxUnavailable: invalid value ten": lambda d: d["spec"]["updateStrategy"]["rollingUpdate"].update(
                maxUnavailable="ten"),
        })
        for words, damage in breaks.items():
            with self.subTest(words):
                broken = copy.deepcopy(of_kind("network.yaml", "DaemonSet"))
                damage(broken)
                self.assertIn(words, "\n".join(self.problems(broken)))

    def test_each_page_names_the_image_of_this_version(self):
        for text in (TOP / "docs/runtimes/kubernetes.md", EXAMPLES / "README.md", EXAMPLES / "Dockerfile"):
            with self.subTest(text.name):
                self.assertEqual(set(re.findall(r"\bfootbridge:\d[\w.-]*", text.read_text())), {IMAGE})

    def test_the_dockerfile_builds_the_image(self):
        text = (EXAMPLES / "Dockerfile").read_text()
        self.assertIn(f"docker build -t {IMAGE} ", text)
        self.assertEqual(re.findall(r"^(?:FROM|COPY|ENTRYPOINT|CMD) .*", text, re.M),
                         ["FROM scratch", "COPY footbridge /footbridge", 'ENTRYPOINT ["/footbridge"]', 'CMD ["pause"]'])

    def test_the_init_container_installs_plugins_and_configuration(self):
        for name in DAEMON_SETS:
            with self.subTest(name), tempfile.TemporaryDirectory() as folder:
                root, pod = Path(folder), of_kind(name, "DaemonSet")["spec"]["template"]["spec"]
                (root / "nodes").mkdir()
                for key, cidr in NODES.get(name, {}).items():
                    (root / "nodes" / key).write_text(cidr + "\n")
                done = run_container(name, pod["initContainers"][0], pod, root, {"NODE_NAME": "worker-1"})
                self.assertEqual((done.returncode, done.stderr), (0, ""))
                for plugin in ("bridge", "ptp", "host-local", "portmap", "loopback"):
                    self.assertEqual(os.readlink(root / "host/opt/cni/bin" / plugin), "footbridge")
                written = [json.loads(path.read_text()) for path in (root / "host").glob("etc/cni/net.d/*")]
                self.assertEqual([one["plugins"][0]["ipam"]["ranges"] for one in written],
                                [[[{"subnet": cidr}] for cidr in NODES[name].values()]] if name in NODES else [])

    def test_the_error_names_a_node_without_a_key_and_nothing_is_installed(self):
        for name in NODES:
            with self.subTest(name), tempfile.TemporaryDirectory() as folder:
                pod = of_kind(name, "DaemonSet")["spec"]["template"]["spec"]
                done = run_container(name, pod["initContainers"][0], pod, Path(folder), {"NODE_NAME": "worker-2"})
                self.assertEqual(done.returncode, 1)
                self.assertRegex(done.stderr, r"/nodes/worker-2(\.4)?: No such file or directory")
                self.assertEqual([path for path in Path(folder, "host").rglob("*") if not path.is_dir()], [])

    def test_the_dual_stack_manifest_differs_in_its_configuration_and_keys_only(self):
        def without_keys(name):
            daemon_set = of_kind(name, "DaemonSet")
            init = daemon_set["spec"]["template"]["spec"]["initContainers"][0]
            init["args"] = [argument for argument in init["args"] if not argument.startswith("--set-file=")]
            return daemon_set
        self.assertEqual(without_keys("network.yaml"), without_keys("network-dual.yaml"))
        data = of_kind("network-dual.yaml", "ConfigMap")["data"]
        self.assertEqual({name: (EXAMPLES / name).read_text() for name in data}, data)

    def test_the_command_of_the_readme_creates_the_keys_of_each_manifest(self):
        shown = re.findall(r"--from-literal=\{\.metadata\.name\}([\w.]*)=\{\.spec\.podCIDRs?\b",
                           (EXAMPLES / "README.md").read_text())
        for name, keys in NODES.items():
            self.assertLessEqual({key.removeprefix("worker-1") for key in keys}, set(shown), name)

    def test_each_configmap_is_in_the_file_or_in_a_command_of_the_readme(self):
        for name in DAEMON_SETS:
            volumes = of_kind(name, "DaemonSet")["spec"]["template"]["spec"]["volumes"]
            wanted = {volume["configMap"]["name"] for volume in volumes if "configMap" in volume}
            made = {document["metadata"]["name"] for document in documents(name) if document["kind"] == "ConfigMap"}
            made |= set(re.findall(r"create configmap (\S+)", (EXAMPLES / "README.md").read_text()))
            self.assertLessEqual(wanted, made)

    def test_the_other_container_only_waits(self):
        for name in DAEMON_SETS:
            pod = of_kind(name, "DaemonSet")["spec"]["template"]["spec"]
            self.assertEqual([one["args"] for one in pod["containers"]], [["pause"]])
            self.assertNotIn("volumeMounts", pod["containers"][0])


class Clusters(unittest.TestCase):
    @staticmethod
    def exists(path):
        """Whether a file of the tree or of the build exists."""
        built = Path(path).relative_to("build/release/bin") if path.startswith("build/release/bin") else None
        return (FOOTBRIDGE.parent / built if built is not None else TOP / path).exists()

    def test_each_configuration_of_kind_is_valid(self):
        for name in CLUSTERS:
            with self.subTest(name):
                self.assertEqual(list(manifests.kind_problems(documents(name)[0], self.exists)), [])

    def test_a_broken_configuration_of_kind_is_rejected(self):
        breaks = {
            "unknown field extraMount": lambda c: c["nodes"][0].update(extraMount=[]),
            "missing file build/release/bin/footbrige": lambda c: c["nodes"][0]["extraMounts"].append(
                {"hostPath": "build/release/bin/footbrige", "containerPath": "/x"}),
            "unknown role master": lambda c: c["nodes"][0].update(role="master"),
            "'no' is not of type bool": lambda c: c["networking"].update(disableDefaultCNI="no"),
            "where containerd looks for its template": lambda c: c["nodes"][1].pop("extraMounts"),
            "not a Cluster": lambda c: c.update(apiVersion="kind.x-k8s.io/v1alpha3"),
        }
        for words, damage in breaks.items():
            with self.subTest(words):
                broken = copy.deepcopy(documents("kind-footbridge.yaml")[0])
                damage(broken)
                self.assertIn(words, "\n".join(manifests.kind_problems(broken, self.exists)))

    def test_without_kindnet_all_plugins_are_ours(self):
        cluster = documents("kind-footbridge.yaml")[0]
        self.assertIs(cluster["networking"]["disableDefaultCNI"], True)
        for node in cluster["nodes"]:
            self.assertEqual({mount["hostPath"] for mount in node["extraMounts"]
                              if mount["containerPath"] == "/opt/cni/bin"},
                             {"build/release/bin"})

    def test_kindnet_keeps_its_network_and_its_plugins_are_replaced(self):
        cluster = documents("kind-kindnet.yaml")[0]
        self.assertNotIn("disableDefaultCNI", cluster.get("networking", {}))
        for node in cluster["nodes"]:
            self.assertEqual({mount["containerPath"] for mount in node["extraMounts"]},
                             {f"/opt/cni/bin/{name}" for name in ("ptp", "host-local", "portmap", "footbridge")})


class Configurations(unittest.TestCase):
    def test_containerds_template_gives_valid_configurations(self):
        template = (EXAMPLES / "containerd-template.conflist").read_text()
        for ranges in (["10.244.1.0/24"], ["10.244.1.0/24", "fd00:10:244:1::/64"]):
            with self.subTest(ranges):
                text = rendered(template, ranges)
                self.assertEqual(json.loads(text)["plugins"][0]["ipam"]["ranges"], [[{"subnet": one}]
                                                                                    for one in ranges])
                self.assertEqual(error_of(text), "")
        self.assertIn("bad value", error_of(rendered(template, ["10.244.1.0/240"])))

    def test_the_template_of_footbridge_install_gives_a_valid_configuration(self):
        text = (EXAMPLES / "10-footbridge.conflist").read_text()
        self.assertEqual(error_of(text, "--set=podCIDR4=10.244.1.0/24", "--set=podCIDR6=fd00:10:244:1::/64"), "")
        self.assertIn("no value for ${podCIDR6}", error_of(text, "--set=podCIDR4=10.244.1.0/24"))

    def test_the_examples_of_the_readme_are_valid(self):
        text = (EXAMPLES / "README.md").read_text()
        shown = re.findall(r"^```json\n(.*?)^```$", text, re.M | re.S)
        self.assertGreaterEqual(len(shown), 3)
        for one in shown:
            with self.subTest(one):
                self.assertEqual(error_of(one), "")
        for name in re.findall(r"\]\(([\w.-]+)\)", text):
            self.assertTrue((EXAMPLES / name).exists(), f"README.md links the missing file {name}")
        for path in EXAMPLES.iterdir():
            self.assertTrue(path.name == "README.md" or path.name in text, f"README.md does not mention {path.name}")


if __name__ == "__main__":
    unittest.main(verbosity=2)

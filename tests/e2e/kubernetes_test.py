#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""conf-examples/kubernetes: each manifest against Kubernetes' own types, what its containers do done here, each configuration read."""
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
    if sys.executable != "/usr/bin/python3":  # Debian's packages are Debian's Python's
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
DAEMON_SETS = ("plugins.yaml", "network.yaml")
CLUSTERS = ("kind-kindnet.yaml", "kind-footbridge.yaml")


def documents(name):
    return list(yaml.safe_load_all((EXAMPLES / name).read_text()))


def of_kind(name, kind):
    return next(document for document in documents(name) if document["kind"] == kind)


def install(*arguments):
    return subprocess.run([FOOTBRIDGE, "install", *arguments], capture_output=True, text=True, check=False)


def refusal(text, *settings):
    """Why `footbridge install` does not take that configuration; "" when it does."""
    with tempfile.TemporaryDirectory() as folder:
        template = Path(folder) / "10-example.conflist"
        template.write_text(text)
        target = Path(folder) / "net.d"
        target.mkdir()
        done = install("--config", template, "--config-dest", target, *settings)
        return done.stderr


def rendered(template, ranges):
    """containerd's template for these pod CIDRs; of Go's templates only what is in ours."""
    loop = re.compile(r"\{\{range \$i, \$range := \.PodCIDRRanges\}\}(.*)\{\{end\}\}(?=\])")
    def repeat(match):
        return "".join(re.sub(r"\{\{if \$i\}\}(.*?)\{\{end\}\}", r"\1" if number else "", match.group(1)).replace("{{$range}}", one)
                       for number, one in enumerate(ranges))
    return loop.sub(repeat, template)


def run_in_place(container, pod, root, variables):
    """Runs footbridge as the container would, with its mounts below a folder; variables: of the environment, $(NAME)."""
    for mount in container.get("volumeMounts", []):
        (root / mount["mountPath"][1:]).mkdir(parents=True, exist_ok=True)
    for volume in pod["volumes"]:
        if "configMap" in volume and volume["configMap"]["name"] == "footbridge-network":
            mount = next(one["mountPath"] for one in container["volumeMounts"] if one["name"] == volume["name"])
            for name, text in of_kind("network.yaml", "ConfigMap")["data"].items():
                (root / mount[1:] / name).write_text(text)
    arguments = []
    for argument in container["args"]:
        for name, value in variables.items():
            argument = argument.replace(f"$({name})", value)
        for mount in container.get("volumeMounts", []):
            argument = re.sub(rf"(^|=){mount['mountPath']}(?=/|$)", rf"\1{root}{mount['mountPath']}", argument)
        arguments.append(argument)
    return subprocess.run([FOOTBRIDGE, *arguments], capture_output=True, text=True, check=False)


class Manifests(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.api = Api(MODELS) if MODELS.is_dir() else None
        if cls.api is None:
            print("SKIP: Kubernetes' types are not here (./run test fetches them): manifests are checked for less")

    def problems(self, document):
        found = list(manifests.shape_problems(self.api, document)) if self.api else []
        if not found and document["kind"] == "DaemonSet":
            found += manifests.daemon_set_problems(document, IMAGE)
        return found

    def test_every_object_is_one_of_its_kind(self):
        for name in DAEMON_SETS:
            for document in documents(name):
                with self.subTest(name=name, kind=document["kind"]):
                    self.assertEqual(self.problems(document), [])

    def test_a_broken_manifest_is_noticed(self):
        def pod(document):
            return document["spec"]["template"]["spec"]
        breaks = {
            "there is no field containres": lambda d: pod(d).update(containres=pod(d)["containers"]),
            "containers is missing": lambda d: pod(d).pop("containers"),
            "selector is missing": lambda d: d["spec"].pop("selector"),
            "'yes' is no bool": lambda d: pod(d).update(hostNetwork="yes"),
            "no list": lambda d: pod(d)["containers"][0].update(args="pause"),
            "there is no field mountpath": lambda d: pod(d)["initContainers"][0]["volumeMounts"][0].update(mountpath="/x"),
            "mountPath is missing": lambda d: pod(d)["initContainers"][0]["volumeMounts"][0].pop("mountPath"),
            "is no kind that is used here": lambda d: d.update(apiVersion="extensions/v1beta1"),
        } if self.api else {}
        breaks.update({
            "there is no volume plugins": lambda d: pod(d)["volumes"].pop(0),
            "nobody mounts the volume plugins": lambda d: pod(d)["initContainers"][0]["volumeMounts"].pop(0),
            "does not select its own pods": lambda d: d["spec"]["template"]["metadata"]["labels"].clear(),
            "the image is": lambda d: pod(d)["containers"][0].update(image="footbridge:0.0.9"),
            "it is privileged": lambda d: pod(d)["initContainers"][0]["securityContext"].update(privileged=True),
            "hostNetwork must be": lambda d: pod(d).pop("hostNetwork"),
            "tolerations must be": lambda d: pod(d).pop("tolerations"),
            "only root may write": lambda d: pod(d)["initContainers"][0]["securityContext"].update(runAsUser=1000),
            "there is no type DirectoryOrcreate": lambda d: pod(d)["volumes"][0]["hostPath"].update(type="DirectoryOrcreate"),
            "/opt/cni of the host is mounted at": lambda d: pod(d)["volumes"][0]["hostPath"].update(path="/opt/cni"),
            "NODE_NAME is not the node's name": lambda d: pod(d)["initContainers"][0]["env"][0]["valueFrom"]["fieldRef"].update(
                fieldPath="metadata.name"),
            "32MiB is no quantity": lambda d: pod(d)["initContainers"][0]["resources"]["limits"].update(memory="32MiB"),
            "ten is neither": lambda d: d["spec"]["updateStrategy"]["rollingUpdate"].update(maxUnavailable="ten"),
        })
        for words, damage in breaks.items():
            with self.subTest(words):
                broken = copy.deepcopy(of_kind("network.yaml", "DaemonSet"))
                damage(broken)
                self.assertIn(words, "\n".join(self.problems(broken)))

    def test_every_text_names_the_image_of_this_version(self):
        for text in (TOP / "docs/runtimes/kubernetes.md", EXAMPLES / "README.md", EXAMPLES / "Dockerfile"):
            with self.subTest(text.name):
                self.assertEqual(set(re.findall(r"\bfootbridge:\d[\w.-]*", text.read_text())), {IMAGE})

    def test_the_image_is_what_the_dockerfile_says_it_is(self):
        text = (EXAMPLES / "Dockerfile").read_text()
        self.assertIn(f"docker build -t {IMAGE} ", text)
        self.assertEqual(re.findall(r"^(?:FROM|COPY|ENTRYPOINT|CMD) .*", text, re.M),
                         ["FROM scratch", "COPY footbridge /footbridge", 'ENTRYPOINT ["/footbridge"]', 'CMD ["pause"]'])

    def test_the_init_container_does_what_it_is_there_for(self):
        for name in DAEMON_SETS:
            with self.subTest(name), tempfile.TemporaryDirectory() as folder:
                root, pod = Path(folder), of_kind(name, "DaemonSet")["spec"]["template"]["spec"]
                (root / "nodes").mkdir()
                (root / "nodes/worker-1").write_text("10.244.7.0/24\n")
                done = run_in_place(pod["initContainers"][0], pod, root, {"NODE_NAME": "worker-1"})
                self.assertEqual((done.returncode, done.stderr), (0, ""))
                for plugin in ("bridge", "ptp", "host-local", "portmap", "loopback"):
                    self.assertEqual(os.readlink(root / "host/opt/cni/bin" / plugin), "footbridge")
                written = [json.loads(path.read_text()) for path in (root / "host").glob("etc/cni/net.d/*")]
                self.assertEqual([one["plugins"][0]["ipam"]["ranges"] for one in written],
                                 [[[{"subnet": "10.244.7.0/24"}]]] if name == "network.yaml" else [])

    def test_a_node_that_is_not_in_the_list_is_told_by_name_and_gets_nothing(self):
        with tempfile.TemporaryDirectory() as folder:
            pod = of_kind("network.yaml", "DaemonSet")["spec"]["template"]["spec"]
            done = run_in_place(pod["initContainers"][0], pod, Path(folder), {"NODE_NAME": "worker-2"})
            self.assertEqual(done.returncode, 1)
            self.assertIn("/nodes/worker-2: No such file or directory", done.stderr)
            self.assertEqual([path for path in Path(folder, "host").rglob("*") if not path.is_dir()], [])

    def test_every_configmap_is_in_the_file_or_made_as_the_text_says(self):
        for name in DAEMON_SETS:
            volumes = of_kind(name, "DaemonSet")["spec"]["template"]["spec"]["volumes"]
            wanted = {volume["configMap"]["name"] for volume in volumes if "configMap" in volume}
            made = {document["metadata"]["name"] for document in documents(name) if document["kind"] == "ConfigMap"}
            made |= set(re.findall(r"create configmap (\S+)", (EXAMPLES / "README.md").read_text()))
            self.assertLessEqual(wanted, made)

    def test_the_other_container_waits_for_its_end(self):
        for name in DAEMON_SETS:
            pod = of_kind(name, "DaemonSet")["spec"]["template"]["spec"]
            self.assertEqual([one["args"] for one in pod["containers"]], [["pause"]])
            self.assertNotIn("volumeMounts", pod["containers"][0])


class Clusters(unittest.TestCase):
    @staticmethod
    def exists(path):
        """Of what is built, here."""
        built = Path(path).relative_to("build/release/bin") if path.startswith("build/release/bin") else None
        return (FOOTBRIDGE.parent / built if built is not None else TOP / path).exists()

    def test_every_cluster_of_kind_is_one(self):
        for name in CLUSTERS:
            with self.subTest(name):
                self.assertEqual(list(manifests.kind_problems(documents(name)[0], self.exists)), [])

    def test_a_broken_cluster_is_noticed(self):
        breaks = {
            "there is no field extraMount": lambda c: c["nodes"][0].update(extraMount=[]),
            "there is no file build/release/bin/footbrige": lambda c: c["nodes"][0]["extraMounts"].append(
                {"hostPath": "build/release/bin/footbrige", "containerPath": "/x"}),
            "there is no role master": lambda c: c["nodes"][0].update(role="master"),
            "'no' is no bool": lambda c: c["networking"].update(disableDefaultCNI="no"),
            "where containerd looks for its template": lambda c: c["nodes"][1].pop("extraMounts"),
            "it is no Cluster": lambda c: c.update(apiVersion="kind.x-k8s.io/v1alpha3"),
        }
        for words, damage in breaks.items():
            with self.subTest(words):
                broken = copy.deepcopy(documents("kind-footbridge.yaml")[0])
                damage(broken)
                self.assertIn(words, "\n".join(manifests.kind_problems(broken, self.exists)))

    def test_without_kindnet_the_plugins_are_ours(self):
        cluster = documents("kind-footbridge.yaml")[0]
        self.assertIs(cluster["networking"]["disableDefaultCNI"], True)
        for node in cluster["nodes"]:
            self.assertEqual({mount["hostPath"] for mount in node["extraMounts"] if mount["containerPath"] == "/opt/cni/bin"},
                             {"build/release/bin"})

    def test_kindnet_keeps_its_network_and_its_plugins_are_replaced(self):
        cluster = documents("kind-kindnet.yaml")[0]
        self.assertNotIn("disableDefaultCNI", cluster.get("networking", {}))
        for node in cluster["nodes"]:
            self.assertEqual({mount["containerPath"] for mount in node["extraMounts"]},
                             {f"/opt/cni/bin/{name}" for name in ("ptp", "host-local", "portmap", "footbridge")})


class Configurations(unittest.TestCase):
    def test_containerds_template_makes_configurations_that_add_takes(self):
        template = (EXAMPLES / "containerd-template.conflist").read_text()
        for ranges in (["10.244.1.0/24"], ["10.244.1.0/24", "fd00:10:244:1::/64"]):
            with self.subTest(ranges):
                text = rendered(template, ranges)
                self.assertEqual(json.loads(text)["plugins"][0]["ipam"]["ranges"], [[{"subnet": one}] for one in ranges])
                self.assertEqual(refusal(text), "")
        self.assertIn("bad value", refusal(rendered(template, ["10.244.1.0/240"])))

    def test_the_templates_of_footbridge_install_too(self):
        text = (EXAMPLES / "10-footbridge.conflist").read_text()
        self.assertEqual(refusal(text, "--set=podCIDR4=10.244.1.0/24", "--set=podCIDR6=fd00:10:244:1::/64"), "")
        self.assertIn("nothing is set for ${podCIDR6}", refusal(text, "--set=podCIDR4=10.244.1.0/24"))

    def test_what_the_text_shows_can_be_used(self):
        text = (EXAMPLES / "README.md").read_text()
        shown = re.findall(r"^```json\n(.*?)^```$", text, re.M | re.S)
        self.assertGreaterEqual(len(shown), 3)
        for one in shown:
            with self.subTest(one):
                self.assertEqual(refusal(one), "")
        for name in re.findall(r"\]\(([\w.-]+)\)", text):
            self.assertTrue((EXAMPLES / name).exists(), f"README.md names {name}")
        for path in EXAMPLES.iterdir():
            self.assertTrue(path.name == "README.md" or path.name in text, f"README.md does not say what {path.name} is")


if __name__ == "__main__":
    unittest.main(verbosity=2)

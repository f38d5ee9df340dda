# SPDX-License-Identifier: Apache-2.0
"""Checks the content of manifests, and configurations of kind."""
import re
import tomllib

KINDS = {("v1", "ConfigMap"): "V1ConfigMap", ("apps/v1", "DaemonSet"): "V1DaemonSet"}
RIGHTS = {"allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True, "capabilities": {"drop": ["ALL"]},
          "seccompProfile": {"type": "RuntimeDefault"}}


# Fields that are str or object in the models; the API server accepts only these values.
HOST_PATH_TYPES = {"", "DirectoryOrCreate", "Directory", "FileOrCreate", "File", "Socket", "CharDevice", "BlockDevice"}
QUANTITY = re.compile(r"\d+(\.\d+)?(m|[kMGTPE]|[KMGTPE]i)?")
COUNT_OR_PERCENT = re.compile(r"\d+%?")


def shape_problems(api, document):
    kind = KINDS.get((document.get("apiVersion"), document.get("kind")))
    if kind is None:
        yield f"{document.get('apiVersion')} {document.get('kind')}: not a supported kind"
        return
    yield from api.problems(document, kind, document["kind"])
    if not document.get("metadata", {}).get("name"):
        yield f"{document['kind']}: metadata.name is missing"


def containers_of(daemon_set):
    pod = daemon_set["spec"]["template"]["spec"]
    return pod.get("initContainers", []) + pod["containers"]


def daemon_set_problems(daemon_set, image):
    template = daemon_set["spec"]["template"]
    labels = template["metadata"]["labels"]
    for key, value in daemon_set["spec"]["selector"]["matchLabels"].items():
        if labels.get(key) != value:
            yield f"the selector {key}={value} does not select its own pods"
    pod = template["spec"]
    for key, value in {"hostNetwork": True, "tolerations": [{"operator": "Exists"}],
                       "priorityClassName": "system-node-critical",
                       "automountServiceAccountToken": False}.items():
        if pod.get(key) != value:
            yield f"{key} must be {value}"
    volumes = [volume["name"] for volume in pod.get("volumes", [])]
    mounts = [mount["name"] for one in containers_of(daemon_set) for mount in one.get("volumeMounts", [])]
    for name in sorted(set(mounts) - set(volumes)):
        yield f"unknown volume {name}"
    for name in sorted(set(volumes) - set(mounts)):
        yield f"volume {name} is not mounted"
    yield from host_path_problems(daemon_set)
    for container in containers_of(daemon_set):
        yield from container_problems(container, image)
    for container in pod.get("initContainers", []):
        if container["securityContext"].get("runAsUser") != 0:
            yield f"{container['name']}: must run as root to write to the host's folders"
    most = daemon_set["spec"]["updateStrategy"]["rollingUpdate"]["maxUnavailable"]
    if not COUNT_OR_PERCENT.fullmatch(str(most)):
        yield f"maxUnavailable: invalid value {most}; allowed: a number or a percentage"


def host_path_problems(daemon_set):
    """A folder of the host must be mounted below /host, at its own path."""
    volumes = daemon_set["spec"]["template"]["spec"]["volumes"]
    paths = {volume["name"]: volume["hostPath"] for volume in volumes if "hostPath" in volume}
    for name, path in paths.items():
        if path.get("type", "") not in HOST_PATH_TYPES:
            yield f"{name}: unknown hostPath type {path['type']}"
    for container in containers_of(daemon_set):
        for mount in container.get("volumeMounts", []):
            if mount["name"] in paths and mount["mountPath"] != "/host" + paths[mount["name"]]["path"]:
                yield f"{mount['name']}: the host's {paths[mount['name']]['path']} is mounted at {mount['mountPath']}"


def container_problems(container, image):
    name = container["name"]
    if container["image"] != image:
        yield f"{name}: the image is {container['image']}; expected: {image}"
    context = container.get("securityContext", {})
    for key, value in RIGHTS.items():
        if context.get(key) != value:
            yield f"{name}: {key} must be {value}"
    if context.get("privileged"):
        yield f"{name}: the container is privileged"
    if not container.get("args"):
        yield f"{name}: no arguments"
    for variable in container.get("env", []):
        if (variable["name"], variable["valueFrom"]["fieldRef"]["fieldPath"]) != ("NODE_NAME", "spec.nodeName"):
            yield f"{name}: the variable {variable['name']} is not the node's name"
    for amounts in container.get("resources", {}).values():
        for what, amount in amounts.items():
            if not QUANTITY.fullmatch(str(amount)):
                yield f"{name}: {what}: invalid quantity {amount}"


# kind's configuration, v1alpha4: {field: its type, or its fields if it is an object}.
TEXTS = [str]
MOUNT = {"hostPath": str, "containerPath": str, "readOnly": bool, "selinuxRelabel": bool, "propagation": str}
PORT = {"containerPort": int, "hostPort": int, "listenAddress": str, "protocol": str}
NODE = {"role": str, "image": str, "labels": dict, "extraMounts": [MOUNT], "extraPortMappings": [PORT],
        "kubeadmConfigPatches": TEXTS}
NETWORKING = {"ipFamily": str, "apiServerPort": int, "apiServerAddress": str, "podSubnet": str, "serviceSubnet": str,
              "disableDefaultCNI": bool, "kubeProxyMode": str, "dnsSearch": TEXTS}
CLUSTER = {"kind": str, "apiVersion": str, "name": str, "nodes": [NODE], "networking": NETWORKING, "featureGates": dict,
           "runtimeConfig": dict, "kubeadmConfigPatches": TEXTS, "containerdConfigPatches": TEXTS}


def fields_problems(value, shape, path):
    if isinstance(shape, dict):
        if not isinstance(value, dict):
            yield f"{path}: not an object"
            return
        for key, item in value.items():
            if key not in shape:
                yield f"{path}: unknown field {key}"
            else:
                yield from fields_problems(item, shape[key], f"{path}.{key}")
    elif isinstance(shape, list):
        for number, item in enumerate(value if isinstance(value, list) else [None]):
            yield from fields_problems(item, shape[0], f"{path}[{number}]")
    elif not isinstance(value, shape):
        yield f"{path}: {value!r} is not of type {shape.__name__}"


def kind_problems(cluster, exists):
    """exists(path): whether a file of that path, relative to the top of the tree, exists."""
    yield from fields_problems(cluster, CLUSTER, "Cluster")
    if (cluster.get("kind"), cluster.get("apiVersion")) != ("Cluster", "kind.x-k8s.io/v1alpha4"):
        yield "not a Cluster of kind.x-k8s.io/v1alpha4"
    templates = [template_of(patch) for patch in cluster.get("containerdConfigPatches", [])]
    for node in cluster.get("nodes", []):
        if node.get("role") not in ("control-plane", "worker"):
            yield f"unknown role {node.get('role')}"
        mounts = {mount.get("containerPath"): mount.get("hostPath") for mount in node.get("extraMounts", [])}
        for path in mounts.values():
            if not exists(path):
                yield f"missing file {path}"
        for template in templates:
            if template not in mounts:
                yield f"no mount is at {template}, where containerd looks for its template"


def template_of(patch):
    return tomllib.loads(patch)["plugins"]["io.containerd.grpc.v1.cri"]["cni"]["conf_template"]

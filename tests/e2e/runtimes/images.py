#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Builds the images of the runtime tests: images.py ARCHIVE --inside PROGRAM

Writes a docker-archive with two images of one layer, for `ctr images import` and `podman load -i`, without a download:

  localhost/busybox:1   Debian's static busybox with its applets in /bin, /bin/inside (inside.cpp), and an empty /www
  localhost/pause:1     /pause, which waits, and so keeps a pod's namespaces

From Python: write_archive(path, [busybox_image(inside), pause_image(inside)]).
"""
import argparse
import hashlib
import io
import json
import platform
import shutil
import subprocess
import tarfile
from pathlib import Path

ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}


class Layer:
    """A tar of files that belong to root and have no date, so that the same files give the same bytes."""

    def __init__(self):
        self.bytes = io.BytesIO()
        self.tar = tarfile.open(fileobj=self.bytes, mode="w")

    def add(self, name, kind, content=b"", mode=0o755, target=""):
        entry = tarfile.TarInfo(name)
        entry.type, entry.mode, entry.size, entry.linkname = kind, mode, len(content), target
        self.tar.addfile(entry, io.BytesIO(content))

    def add_program(self, name, path):
        self.add(name, tarfile.REGTYPE, Path(path).read_bytes())

    def close(self):
        self.tar.close()
        return self.bytes.getvalue()


def image(tag, layer, config):
    """An image of the archive: its name, its layer, its configuration."""
    return {"tag": tag, "layer": layer, "config": {
        "architecture": ARCHITECTURES.get(platform.machine(), platform.machine()), "os": "linux", "config": config,
        "rootfs": {"type": "layers", "diff_ids": ["sha256:" + hashlib.sha256(layer).hexdigest()]}}}


def busybox_image(inside):
    busybox = shutil.which("busybox")
    applets = subprocess.run([busybox, "--list"], capture_output=True, text=True, check=True).stdout.split()
    layer = Layer()
    for folder in ("bin", "etc", "proc", "sys", "dev", "run", "tmp", "www"):
        layer.add(folder, tarfile.DIRTYPE)
    layer.add_program("bin/busybox", busybox)
    layer.add_program("bin/inside", inside)
    for applet in applets:
        if applet != "busybox":
            layer.add(f"bin/{applet}", tarfile.SYMTYPE, target="busybox")
    layer.add("etc/passwd", tarfile.REGTYPE, b"root:x:0:0:root:/:/bin/sh\n", 0o644)
    layer.add("etc/group", tarfile.REGTYPE, b"root:x:0:\n", 0o644)
    return image("localhost/busybox:1", layer.close(), {"Cmd": ["sh"], "Env": ["PATH=/bin"]})


def pause_image(inside):
    layer = Layer()
    layer.add_program("pause", inside)
    return image("localhost/pause:1", layer.close(), {"Entrypoint": ["/pause", "pause"]})


def write_archive(path, images):
    manifest = []
    with tarfile.open(path, "w") as archive:
        def add(name, content):
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))

        for one in images:
            config = json.dumps(one["config"]).encode()
            names = {"Config": hashlib.sha256(config).hexdigest() + ".json",
                     "Layers": [hashlib.sha256(one["layer"]).hexdigest() + ".tar"], "RepoTags": [one["tag"]]}
            add(names["Config"], config)
            add(names["Layers"][0], one["layer"])
            manifest.append(names)
        add("manifest.json", json.dumps(manifest).encode())


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("archive", metavar="ARCHIVE")
    parser.add_argument("--inside", metavar="PROGRAM", required=True, help="the executable built from inside.cpp")
    options = parser.parse_args()
    write_archive(options.archive, [busybox_image(options.inside), pause_image(options.inside)])


if __name__ == "__main__":
    main()

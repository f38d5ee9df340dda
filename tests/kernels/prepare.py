#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Prepares an unpacked Debian kernel for boot.py: prepare.py TREE

TREE holds the content of Debian's kernel packages. The script writes TREE/ready:
  vmlinux   the uncompressed kernel: it boots seconds earlier than the compressed image
  modules   /lib/modules with the modules that the tests need
  initrd    the modules of the boot, busybox and init.sh
Needs depmod, cpio and busybox.
"""
import lzma
import os
import shutil
import struct
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
# Paths below kernel/ in the package; the wireless ones are large and not used.
FOLDERS = "net lib crypto arch/x86/crypto drivers/virtio fs/9p fs/fuse fs/overlayfs fs/netfs fs/fscache".split()
NOT = ("net/mac80211", "net/wireless", "net/bluetooth")
FILES = """drivers/char/virtio_console drivers/net/veth drivers/net/dummy drivers/net/ifb drivers/net/macvlan
    drivers/net/macvtap drivers/net/tap drivers/net/tun drivers/net/ipvlan/ipvlan drivers/net/vrf
    drivers/net/netkit drivers/net/vxlan drivers/net/vxlan/vxlan drivers/net/bonding/bonding""".split()
BOOT = "virtio_mmio virtio_console overlay 9pnet_virtio 9p".split()


def uncompressed(image):
    """The payload of a bzImage: Documentation/arch/x86/boot.rst, payload_offset and payload_length."""
    setup = (image[0x1f1] + 1) * 512
    offset, length = struct.unpack_from("<II", image, 0x248)
    payload = image[setup + offset:setup + offset + length]
    if payload.startswith(b"\xfd7zXZ"):
        return lzma.LZMADecompressor().decompress(payload)
    if payload.startswith(b"\x28\xb5\x2f\xfd"):
        return subprocess.run(["zstd", "-dcq"], input=payload[:-4], stdout=subprocess.PIPE, check=True).stdout
    sys.exit(f"prepare.py: unknown compression of the kernel: {payload[:4].hex()}")


def wanted(name):
    """name: a module's path below kernel/, without .ko."""
    return name in FILES or (name.startswith(tuple(f"{folder}/" for folder in FOLDERS)) and not name.startswith(NOT))


def copy_modules(source, target):
    for path in sorted((source / "kernel").rglob("*.ko*")):
        name = path.relative_to(source / "kernel").as_posix().split(".ko")[0]
        if not wanted(name):
            continue
        module = target / "kernel" / f"{name}.ko"
        module.parent.mkdir(parents=True, exist_ok=True)
        content = path.read_bytes()
        module.write_bytes(lzma.decompress(content) if path.suffix == ".xz" else content)


def boot_modules(modules):
    """The modules of the boot, each after those that it needs."""
    needs = {}
    for line in (modules / "modules.dep").read_text().splitlines():
        file, _, before = line.partition(":")
        needs[Path(file).stem.replace("-", "_")] = [*reversed(before.split()), file]
    ordered = []
    for name in BOOT:
        ordered += [file for file in needs.get(name, []) if file not in ordered]
    return ordered  # one that is built in has no line


def write_initrd(modules, ready):
    top = ready / "initrd.d"
    for folder in "bin proc sys dev modules lower upper new".split():
        (top / folder).mkdir(parents=True)
    shutil.copy(shutil.which("busybox"), top / "bin/busybox")
    shutil.copy(HERE / "init.sh", top / "init")
    os.chmod(top / "init", 0o755)
    names = []
    for number, file in enumerate(boot_modules(modules)):
        names.append(f"{number:02}-{Path(file).name}")
        shutil.copy(modules / file, top / "modules" / names[-1])
    files = subprocess.run(["find", ".", "-print0"], cwd=top, stdout=subprocess.PIPE, check=True).stdout
    with open(ready / "initrd", "wb") as out:
        subprocess.run(["cpio", "--quiet", "-0", "-o", "-H", "newc", "-R", "0:0"], cwd=top, input=files, stdout=out,
                       check=True)
    shutil.rmtree(top)


def main():
    tree = Path(sys.argv[1]).resolve()
    images = sorted([*tree.glob("boot/vmlinuz-*"), *tree.glob("usr/lib/modules/*/vmlinuz")])
    source = next(path.parent for path in sorted(tree.glob("**/modules/*/kernel")))
    ready = tree / "ready.new"
    shutil.rmtree(ready, ignore_errors=True)
    modules = ready / "modules" / source.name
    modules.mkdir(parents=True)
    (ready / "vmlinux").write_bytes(uncompressed(images[0].read_bytes()))
    copy_modules(source, modules)
    for path in tree.rglob("modules.*"):
        is_packaged = not path.relative_to(tree).parts[0].startswith("ready")
        if is_packaged and path.name.startswith(("modules.builtin", "modules.order")):
            shutil.copy(path, modules / path.name)
    subprocess.run(["depmod", "-b", make_base(ready), source.name], check=True)
    write_initrd(modules, ready)
    shutil.rmtree(tree / "ready", ignore_errors=True)
    ready.rename(tree / "ready")


def make_base(ready):
    """depmod expects lib/modules below its base."""
    (ready / "lib").mkdir()
    (ready / "lib/modules").symlink_to("../modules")
    return str(ready)


main()

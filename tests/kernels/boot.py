#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Runs a command under another kernel: boot.py COMMAND [ARGUMENT...]

FOOTBRIDGE_KERNEL is a folder prepared by prepare.py. QEMU boots the kernel without hardware support. The guest reads
this machine's files and cannot write them. The command runs as root with its own /run and /tmp. Its output and exit
code are passed on. Without such a kernel or QEMU, the exit code is 77, with the reason.
FOOTBRIDGE_KERNEL_SECONDS is the longest time, 1100 by default.
"""
import ctypes
import mmap
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

QEMU = "qemu-system-x86_64"
SECONDS = int(os.environ.get("FOOTBRIDGE_KERNEL_SECONDS", "1100"))


def skip(why):
    print("SKIP:", why)
    sys.exit(77)


def write_job(job, command, ready):
    """The command as a script, with the variables of this environment that tests read."""
    lines = [f"export {name}={shlex.quote(value)}" for name, value in os.environ.items()
             if name.startswith("FOOTBRIDGE_") or name in ("PATH", "LANG", "LC_ALL")]
    lines += ["export HOME=/root", f"cd {shlex.quote(os.getcwd())}", "exec " + shlex.join(command)]
    (job / "command").write_text("\n".join(lines) + "\n")
    (job / "settings").write_text(f"modules={shlex.quote(str(ready / 'modules'))}\n")


def tsc_khz():
    """The guest reads this machine's time-stamp counter. It cannot measure the rate itself under load, and hangs."""
    code = mmap.mmap(-1, mmap.PAGESIZE, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    code.write(bytes.fromhex("0f31 48c1e220 4809d0 c3"))  # rdtsc; shl rdx, 32; or rax, rdx; ret
    counter = ctypes.CFUNCTYPE(ctypes.c_uint64)(ctypes.addressof(ctypes.c_char.from_buffer(code)))
    begun, ticks = time.monotonic_ns(), counter()
    time.sleep(0.2)
    ticks = counter() - ticks
    return round(ticks * 1e6 / (time.monotonic_ns() - begun))


def arguments(job, ready):
    words = f"""console=ttyS0 quiet panic=-1 mitigations=off nokaslr no5lvl nopti random.trust_cpu=on
        rcupdate.rcu_expedited=1 cryptomgr.notests no_timer_check tsc=reliable tsc_early_khz={tsc_khz()}"""
    return ["-machine", "microvm,accel=tcg,pit=on,pic=on,rtc=on,isa-serial=on", "-cpu", "max", "-smp", "1",
            "-m", "2048", "-nodefaults", "-no-user-config", "-display", "none", "-nic", "none", "-no-reboot",
            "-kernel", f"{ready}/vmlinux", "-initrd", f"{ready}/initrd", "-append", " ".join(words.split()),
            "-serial", f"file:{job}/console",
            "-device", "virtio-serial-device", "-chardev", "file,id=out,path=/dev/stdout",
            "-device", "virtserialport,chardev=out,name=out",
            "-fsdev", "local,id=root,path=/,security_model=none,readonly=on,multidevs=remap",
            "-device", "virtio-9p-device,fsdev=root,mount_tag=root",
            "-fsdev", f"local,id=job,path={job},security_model=none",
            "-device", "virtio-9p-device,fsdev=job,mount_tag=job"]


def run(command, ready):
    with tempfile.TemporaryDirectory(prefix="footbridge-kernel.") as folder:
        job = Path(folder)
        write_job(job, command, ready)
        kernel = subprocess.Popen(["nice", "-n", "5", "setpriv", "--pdeathsig", "KILL", QEMU, *arguments(job, ready)],
                                  stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
        timer = threading.Timer(SECONDS, kernel.kill)
        timer.start()
        shutil.copyfileobj(kernel.stdout, sys.stdout.buffer, 1)  # QEMU would truncate a file as standard output
        sys.stdout.flush()
        timer.cancel()
        if kernel.wait() < 0:
            print(f"FAILED: not done after {SECONDS} s")
        try:
            return int((job / "code").read_text())
        except (FileNotFoundError, ValueError):
            print((job / "console").read_text(errors="replace")[-3000:] if (job / "console").exists() else "no console")
            sys.exit(f"FAILED: the kernel {ready.parent.name} ended before the command")


def main():
    if len(sys.argv) < 2:
        sys.exit("usage: boot.py COMMAND [ARGUMENT...]")
    ready = Path(os.environ.get("FOOTBRIDGE_KERNEL", "none")).resolve() / "ready"
    if os.geteuid() != 0:
        skip("needs root to read this machine's files")
    if os.uname().machine != "x86_64" or not shutil.which(QEMU):
        skip(f"needs {QEMU}, of Debian's package qemu-system-x86")
    if not (ready / "initrd").exists():
        skip(f"no kernel in {ready.parent}: ./run test fetches it")
    sys.exit(run(sys.argv[1:], ready))


main()

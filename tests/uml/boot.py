#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Runs a command under User Mode Linux: boot.py COMMAND [ARGUMENT...]

For tests of features that this machine's kernel may not have, such as VLAN filtering. Debian's user-mode-linux boots in
a second with this machine's file system, read-only. The command runs as root with a private /run. boot.py passes on its
output and exit code. If the kernel does not boot, boot.py prints the reason and exits with 77.

The kernel runs in new mount and PID namespaces: it ends with this program, and all its files are gone.
"""
import ctypes
import os
import shlex
import shutil
import struct
import subprocess
import sys
import threading
from pathlib import Path

KERNEL = "linux.uml"
SECONDS = 1100
JOB = Path("/mnt/footbridge-uml")  # in a private tmpfs
BOOTED = "footbridge-uml: booted"  # the first line of init.sh's output

# This kernel saves the registers of its processes with ptrace(2). Its buffer is too small for AVX-512 and later:
# PTRACE_SETREGSET fails, and the kernel panics. Without NT_X86_XSTATE it saves only the SSE registers, so its processes
# must not use others.
SSE_ONLY = "GLIBC_TUNABLES=glibc.cpu.hwcaps=" + ",".join("-" + feature for feature in """AVX AVX2 AVX512F AVX512VL
    AVX512BW AVX512DQ AVX512CD FMA FMA4 RTM XSAVE XSAVEC AVX_Fast_Unaligned_Load""".split())


def skip(why):
    print("SKIP:", why)
    sys.exit(77)


def hide_extended_registers():
    """Adds a seccomp(2) filter: ptrace(PTRACE_GETREGSET, ..., NT_X86_XSTATE) fails with EIO in all child processes."""
    load, equal, end = 0x20, 0x15, 0x06  # BPF_LD|W|ABS, BPF_JMP|JEQ|K, BPF_RET|K: linux/bpf_common.h
    system_call, request, note = 0, 16, 32  # offsets in struct seccomp_data: linux/seccomp.h
    lines = [(load, 0, 0, system_call), (equal, 0, 5, 101),  # __NR_ptrace on x86_64
             (load, 0, 0, request), (equal, 0, 3, 0x4204),  # PTRACE_GETREGSET
             (load, 0, 0, note), (equal, 0, 1, 0x202),  # NT_X86_XSTATE
             (end, 0, 0, 0x00050000 | 5),  # SECCOMP_RET_ERRNO, EIO
             (end, 0, 0, 0x7fff0000)]  # SECCOMP_RET_ALLOW
    program = ctypes.create_string_buffer(b"".join(struct.pack("=HBBI", *line) for line in lines))
    filter_ = ctypes.create_string_buffer(struct.pack("@HP", len(lines), ctypes.addressof(program)))
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(38, 1, 0, 0, 0) != 0 or libc.prctl(22, 2, filter_, 0, 0) != 0:  # no new privileges, seccomp
        skip(f"cannot add a seccomp filter: {os.strerror(ctypes.get_errno())}")


def write_job(command):
    """Writes the command as a script, with the variables that the tests need."""
    lines = [f"export {name}={shlex.quote(value)}" for name, value in os.environ.items()
             if name.startswith("FOOTBRIDGE_") or name in ("PATH", "LANG", "LC_ALL")]
    lines += [f"cd {shlex.quote(os.getcwd())}", "exec " + shlex.join(command)]
    (JOB / "command").write_text("\n".join(lines) + "\n")


def start_kernel():
    init = Path(__file__).resolve().parent / "init.sh"
    hide_extended_registers()
    return subprocess.Popen(
        [KERNEL, "mem=384M", "rootfstype=hostfs", "rootflags=/", "ro", f"init={init}", "quiet", "con=null",
         "con0=null,fd:1", f"uml_dir={JOB}/", "umid=kernel", f"FOOTBRIDGE_UML={JOB}", SSE_ONLY],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        env={**os.environ, "TMPDIR": str(JOB)}, text=True, errors="replace")


def give_up():
    """Ends this process, the first one of the PID namespace, and so all others."""
    print(f"FAILED: timeout after {SECONDS} s", flush=True)
    os._exit(1)


def inside(command):
    """Boots the kernel and passes on the output, as the first process of the namespaces."""
    subprocess.run(["mount", "-t", "tmpfs", "tmpfs", "/mnt"], check=True)
    JOB.mkdir()
    write_job(command)
    kernel = start_kernel()
    timer = threading.Timer(SECONDS, give_up)
    timer.start()
    console = []
    has_booted = False
    for line in kernel.stdout:
        if has_booted and not line.startswith("reboot: "):
            print(line, end="", flush=True)
        elif not has_booted:
            console.append(line)
        has_booted = has_booted or line.startswith(BOOTED)
    timer.cancel()
    if not has_booted:
        sys.stderr.write("".join(console[-40:]))
        why = [line for line in console if "panic" in line] or console or ["no output"]
        skip(f"{KERNEL} does not boot here: {why[0].strip()}")
    try:
        return int((JOB / "code").read_text())
    except (FileNotFoundError, ValueError):
        sys.exit(f"FAILED: {KERNEL} ended before the command")


def main():
    if len(sys.argv) > 2 and sys.argv[1] == "--inside":
        sys.exit(inside(sys.argv[2:]))
    if len(sys.argv) < 2:
        sys.exit("usage: boot.py COMMAND [ARGUMENT...]")
    if os.geteuid() != 0:
        skip("needs root to create namespaces")
    if os.uname().machine != "x86_64" or not shutil.which(KERNEL):
        skip(f"needs {KERNEL} (Debian package user-mode-linux)")
    os.execvp("unshare", ["unshare", "--mount", "--propagation", "private", "--pid", "--fork", "--kill-child",
                          "--mount-proc", sys.executable, "-B", os.path.abspath(__file__), "--inside", *sys.argv[1:]])


main()

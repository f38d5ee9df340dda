#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Runs a command under another kernel, User Mode Linux: boot.py COMMAND [ARGUMENT...]

For tests of what this machine's kernel may not have: the VLAN filtering of bridges. Debian's user-mode-linux boots in a
second on this machine's own files, which it only reads; the command is root there, with a /run of its own. Its output and its
exit code are passed on. Where that kernel does not boot this is said, and the exit code is 77.

Everything happens in a mount and a process namespace: when this program ends, however it ends, the kernel is gone with all
its processes and files.
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
JOB = Path("/mnt/footbridge-uml")  # in a tmpfs that nobody else sees
BOOTED = "footbridge-uml: booted"  # what init.sh says first

# This kernel saves the registers of its processes by ptrace(2) in a buffer that is too small for those of today's machines
# (AVX-512 and later): PTRACE_SETREGSET is refused, and it panics. Without NT_X86_XSTATE it saves those of SSE alone, and that
# is all that its processes may use then.
SSE_ONLY = "GLIBC_TUNABLES=glibc.cpu.hwcaps=" + ",".join("-" + feature for feature in """AVX AVX2 AVX512F AVX512VL AVX512BW
    AVX512DQ AVX512CD FMA FMA4 RTM XSAVE XSAVEC AVX_Fast_Unaligned_Load""".split())


def skip(why):
    print("SKIP:", why)
    sys.exit(77)


def hide_extended_registers():
    """A seccomp(2) filter for all processes from here on: ptrace(PTRACE_GETREGSET, ..., NT_X86_XSTATE) fails with EIO."""
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
        skip(f"a seccomp filter is refused: {os.strerror(ctypes.get_errno())}")


def write_job(command):
    """The command as a script, with this environment but for what belongs to this machine."""
    lines = [f"export {name}={shlex.quote(value)}" for name, value in os.environ.items()
             if name.startswith("FOOTBRIDGE_") or name in ("PATH", "LANG", "LC_ALL")]
    lines += [f"cd {shlex.quote(os.getcwd())}", "exec " + shlex.join(command)]
    (JOB / "command").write_text("\n".join(lines) + "\n")


def start_kernel():
    init = Path(__file__).resolve().parent / "init.sh"
    hide_extended_registers()
    return subprocess.Popen(
        [KERNEL, "mem=384M", "rootfstype=hostfs", "rootflags=/", "ro", f"init={init}", "quiet", "con=null", "con0=null,fd:1",
         f"uml_dir={JOB}/", "umid=kernel", f"FOOTBRIDGE_UML={JOB}", SSE_ONLY],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env={**os.environ, "TMPDIR": str(JOB)},
        text=True, errors="replace")


def give_up():
    """The end of the first process is that of all others."""
    print(f"FAILED: not done after {SECONDS} s", flush=True)
    os._exit(1)


def inside(command):
    """As the first process of the namespaces: boots, passes on, and takes everything along when it ends."""
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
        why = [line for line in console if "panic" in line] or console or ["it says nothing"]
        skip(f"{KERNEL} does not boot here: {why[0].strip()}")
    try:
        return int((JOB / "code").read_text())
    except (FileNotFoundError, ValueError):
        sys.exit(f"FAILED: {KERNEL} ended before the command did")


def main():
    if len(sys.argv) > 2 and sys.argv[1] == "--inside":
        sys.exit(inside(sys.argv[2:]))
    if len(sys.argv) < 2:
        sys.exit("usage: boot.py COMMAND [ARGUMENT...]")
    if os.geteuid() != 0:
        skip("needs root to make namespaces")
    if os.uname().machine != "x86_64" or not shutil.which(KERNEL):
        skip(f"needs {KERNEL}, of Debian's package user-mode-linux")
    os.execvp("unshare", ["unshare", "--mount", "--propagation", "private", "--pid", "--fork", "--kill-child", "--mount-proc",
                          sys.executable, "-B", os.path.abspath(__file__), "--inside", *sys.argv[1:]])


main()

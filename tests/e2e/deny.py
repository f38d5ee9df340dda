#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""deny.py WHAT COMMAND...: runs the command with a filter of system calls (seccomp(2)) that refuses what a kernel or a security
module may refuse. WHAT is one of

    netfilter   no socket of NETLINK_NETFILTER: EPROTONOSUPPORT, as of a kernel without netfilter
    ipv6        no socket of AF_INET6: EAFNOSUPPORT, as of a kernel without IPv6
    setns       EPERM, whatever capabilities there are, as a container runtime's own filter has it
    netlink     no sending by sockets of netlink: EPERM
"""
import ctypes
import errno
import os
import platform
import struct
import sys

LOAD, EQUAL, RETURN = 0x20, 0x15, 0x06  # BPF_LD|BPF_W|BPF_ABS, BPF_JMP|BPF_JEQ|BPF_K, BPF_RET|BPF_K in linux/bpf_common.h
ALLOW, REFUSE = 0x7fff0000, 0x00050000  # SECCOMP_RET_ALLOW, SECCOMP_RET_ERRNO in linux/seccomp.h
NUMBER, ARGUMENT = 0, 16  # offsets in struct seccomp_data; of eight bytes each, the low half first
PR_SET_SECCOMP, FILTER = 22, 2
CALLS = {"x86_64": {"socket": 41, "setns": 308, "sendto": 44}, "aarch64": {"socket": 198, "setns": 268, "sendto": 206}}

# (call, {argument: value}, errno)
REFUSALS = {
    "netfilter": ("socket", {0: 16, 2: 12}, errno.EPROTONOSUPPORT),  # AF_NETLINK, NETLINK_NETFILTER
    "ipv6": ("socket", {0: 10}, errno.EAFNOSUPPORT),
    "setns": ("setns", {}, errno.EPERM),
    "netlink": ("sendto", {}, errno.EPERM),
}


def program(call, arguments, error):
    """Every test that does not hold goes to the last instruction, which allows."""
    tests = [(NUMBER, CALLS[platform.machine()][call])]
    tests += [(ARGUMENT + 8 * index, value) for index, value in arguments.items()]
    code = b""
    for place, (offset, value) in enumerate(tests):
        past = 2 * (len(tests) - place - 1) + 1
        code += struct.pack("HBBI", LOAD, 0, 0, offset) + struct.pack("HBBI", EQUAL, 0, past, value)
    return code + struct.pack("HBBI", RETURN, 0, 0, REFUSE | error) + struct.pack("HBBI", RETURN, 0, 0, ALLOW)


def main():
    code = program(*REFUSALS[sys.argv[1]])
    memory = ctypes.create_string_buffer(code)
    header = ctypes.create_string_buffer(struct.pack("HxxxxxxQ", len(code) // 8, ctypes.addressof(memory)))
    if ctypes.CDLL(None, use_errno=True).prctl(PR_SET_SECCOMP, FILTER, ctypes.byref(header)) != 0:
        raise OSError(ctypes.get_errno(), "prctl")
    os.execvp(sys.argv[2], sys.argv[2:])


main()

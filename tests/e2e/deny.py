#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""deny.py FILTER COMMAND...: runs the command with a system call filter (seccomp(2)) that fails calls like a kernel
without a feature or a security module. FILTER is one of

    netfilter   socket() of NETLINK_NETFILTER fails with EPROTONOSUPPORT, as in a kernel without netfilter
    ipv6        socket() of AF_INET6 fails with EAFNOSUPPORT, as in a kernel without IPv6
    setns       setns() fails with EPERM, also with capabilities, as with a container runtime's filter
    netlink     sending on netlink sockets fails with EPERM
"""
import ctypes
import errno
import os
import platform
import struct
import sys

# BPF_LD|BPF_W|BPF_ABS, BPF_JMP|BPF_JEQ|BPF_K, BPF_RET|BPF_K in linux/bpf_common.h
LOAD, EQUAL, RETURN = 0x20, 0x15, 0x06
ALLOW, ERRNO = 0x7fff0000, 0x00050000  # SECCOMP_RET_ALLOW, SECCOMP_RET_ERRNO in linux/seccomp.h
NUMBER, ARGUMENT = 0, 16  # offsets in struct seccomp_data; arguments have eight bytes, the low half first
PR_SET_SECCOMP, FILTER = 22, 2
CALLS = {"x86_64": {"socket": 41, "setns": 308, "sendto": 44}, "aarch64": {"socket": 198, "setns": 268, "sendto": 206}}

# (call, {argument: value}, errno)
FILTERS = {
    "netfilter": ("socket", {0: 16, 2: 12}, errno.EPROTONOSUPPORT),  # AF_NETLINK, NETLINK_NETFILTER
    "ipv6": ("socket", {0: 10}, errno.EAFNOSUPPORT),
    "setns": ("setns", {}, errno.EPERM),
    "netlink": ("sendto", {}, errno.EPERM),
}


def program(call, arguments, error):
    """A test that does not match jumps to the last instruction, which allows the call."""
    tests = [(NUMBER, CALLS[platform.machine()][call])]
    tests += [(ARGUMENT + 8 * index, value) for index, value in arguments.items()]
    code = b""
    for place, (offset, value) in enumerate(tests):
        past = 2 * (len(tests) - place - 1) + 1
        code += struct.pack("HBBI", LOAD, 0, 0, offset) + struct.pack("HBBI", EQUAL, 0, past, value)
    return code + struct.pack("HBBI", RETURN, 0, 0, ERRNO | error) + struct.pack("HBBI", RETURN, 0, 0, ALLOW)


def main():
    code = program(*FILTERS[sys.argv[1]])
    memory = ctypes.create_string_buffer(code)
    header = ctypes.create_string_buffer(struct.pack("HxxxxxxQ", len(code) // 8, ctypes.addressof(memory)))
    if ctypes.CDLL(None, use_errno=True).prctl(PR_SET_SECCOMP, FILTER, ctypes.byref(header)) != 0:
        raise OSError(ctypes.get_errno(), "prctl")
    os.execvp(sys.argv[2], sys.argv[2:])


main()

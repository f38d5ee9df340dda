// SPDX-License-Identifier: Apache-2.0
// Blocks system calls of this process and its children by seccomp(2), as a container's seccomp profile does. A block
// cannot be undone: call `forbid` in a child process of a test.
#pragma once

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>

#include <array>
#include <cstddef>
#include <cstdint>

#include "lib/os/error.h"

namespace test {

// `answer`: SECCOMP_RET_ERRNO | errno, or SECCOMP_RET_KILL_PROCESS.
inline void forbid(int number, std::uint32_t answer) {
  std::array<sock_filter, 4> filter{{BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
                                     BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, static_cast<std::uint32_t>(number), 0, 1),
                                     BPF_STMT(BPF_RET | BPF_K, answer), BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)}};
  const sock_fprog program{filter.size(), filter.data()};
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0) {
    throw os::last_error("forbid a system call");
  }
}

}  // namespace test

// SPDX-License-Identifier: Apache-2.0
// The protocol of bench_calls and bench_launcher: messages on a SOCK_SEQPACKET pair.
//
// A separate small process starts the programs because a child's measurement begins before execve(2): the kernel counts
// the forking process's memory in the child's peak (getrusage(2), ru_maxrss), and a fork costs more the larger the
// parent is. The launcher has a few hundred KiB.
#pragma once

#include <cstdint>

namespace bench {

inline constexpr int kLauncherSocket = 3;           // the launcher's descriptor of its socket
inline constexpr std::size_t kLargest = 128 << 10;  // bytes of a message

// A request: this header, then `strings` strings with their NULs, then `input` bytes for the program's stdin. The first
// `arguments` strings are the arguments, beginning with the program's path; the others are its environment. No strings:
// wait for all processes that were left behind, and return their cost.
struct LaunchRequest {
  std::uint32_t arguments = 0;
  std::uint32_t strings = 0;
  std::uint32_t input = 0;
};

// The reply: this header, then the program's stdout, then its stderr.
struct LaunchReply {
  std::int64_t nanoseconds = 0;  // from before the fork until it ended and its stdout and stderr are closed
  std::int64_t cpu = 0;          // microseconds of the program and the children that it waited for
  std::int64_t cpu_left = 0;     // microseconds of processes left behind earlier that ended since the last reply
  std::int64_t peak_rss = 0;     // KiB resident, of the largest of these processes
  std::int32_t status = 0;       // of waitpid(2)
  std::uint32_t out = 0;         // bytes
  std::uint32_t err = 0;
};

}  // namespace bench

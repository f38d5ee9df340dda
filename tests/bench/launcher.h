// SPDX-License-Identifier: Apache-2.0
// How bench_calls asks bench_launcher to run a program: messages over a SOCK_SEQPACKET pair.
//
// Programs are started by a process of their own because what a process measures of itself begins before execve(2): the
// kernel counts the memory of the process that forked as the child's peak (getrusage(2), ru_maxrss), and a fork costs more the
// larger the parent is. The launcher is a few hundred KiB.
#pragma once

#include <cstdint>

namespace bench {

inline constexpr int kLauncherSocket = 3;           // the descriptor on which the launcher finds its socket
inline constexpr std::size_t kLargest = 128 << 10;  // bytes of a message

// A request: this, then `strings` strings, each with its NUL, then `input` bytes, which are the program's stdin. The first
// `arguments` strings are the arguments, the first of them the path of the program; the others are its environment.
// No strings at all: end when every process that was left behind has ended, and tell what they have cost.
struct LaunchRequest {
  std::uint32_t arguments = 0;
  std::uint32_t strings = 0;
  std::uint32_t input = 0;
};

// The answer: this, then what the program printed on stdout, then what on stderr.
struct LaunchReply {
  std::int64_t nanoseconds = 0;  // from before the fork until it has ended and nobody holds its stdout or stderr
  std::int64_t cpu = 0;          // microseconds of it and of the children that it waited for
  std::int64_t cpu_left = 0;     // microseconds of processes that earlier ones left behind, ended since the last answer
  std::int64_t peak_rss = 0;     // KiB resident, of the largest of those processes
  std::int32_t status = 0;       // of waitpid(2)
  std::uint32_t out = 0;         // bytes
  std::uint32_t err = 0;
};

}  // namespace bench

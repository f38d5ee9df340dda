// SPDX-License-Identifier: Apache-2.0
// A deadline for system calls that have none of their own, such as flock(2).
#pragma once

#include <chrono>
#include <csignal>
#include <system_error>

namespace os {

// From the deadline on, whatever this thread is blocked in returns with EINTR, and so does what it blocks in later: the signal
// comes again and again, so that a call which began in the very moment of the first one is not missed.
//
// It is a signal of its own (SIGRTMIN) and a timer of its own (timer_create(2), without glibc's, which brings threads along): a caller's alarm(2), which survives execve(2),
// still means what it meant. For a process with one thread.
class Interruption {
 public:
  // The kernel has no timer left: they count among the user's pending signals (RLIMIT_SIGPENDING).
  struct None : std::system_error {
    using std::system_error::system_error;
  };

  // Throws None.
  explicit Interruption(std::chrono::milliseconds after);
  Interruption(const Interruption&) = delete;
  Interruption& operator=(const Interruption&) = delete;
  Interruption(Interruption&&) = delete;
  Interruption& operator=(Interruption&&) = delete;
  ~Interruption();

  [[nodiscard]] bool is_due() const { return std::chrono::steady_clock::now() >= due_; }

 private:
  std::chrono::steady_clock::time_point due_;
  int timer_ = -1;  // the kernel's number of it
  struct sigaction action_before_ {};
  sigset_t mask_before_{};
};

}  // namespace os

// SPDX-License-Identifier: Apache-2.0
// A deadline for system calls that have none, such as flock(2).
#pragma once

#include <chrono>
#include <csignal>
#include <system_error>

namespace os {

// From the deadline on, blocking calls of this thread return EINTR, those in progress and later ones. The signal
// repeats, because a call that starts just after the first signal would miss it.
//
// It uses its own signal (SIGRTMIN) and its own timer (timer_create(2) without glibc's wrapper, which starts threads).
// An alarm(2) of the caller, which survives execve(2), is not affected. For processes with one thread.
class Interruption {
 public:
  // No timer is available: timers count as pending signals of the user (RLIMIT_SIGPENDING).
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
  int timer_ = -1;  // timer_create(2)'s id
  struct sigaction action_before_ {};
  sigset_t mask_before_{};
};

}  // namespace os

// SPDX-License-Identifier: Apache-2.0
#include "lib/os/interruption.h"

#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "lib/os/error.h"

namespace os {
namespace {

constexpr long kAgain = 100'000'000;  // nanoseconds

void ignore(int /*signal*/) {}  // SIG_IGN would interrupt no call

timespec as_timespec(std::chrono::milliseconds time) {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(time);
  return {seconds.count(), std::chrono::nanoseconds(time - seconds).count()};
}

}  // namespace

Interruption::Interruption(std::chrono::milliseconds after) : due_(std::chrono::steady_clock::now() + after) {
  const int signal = SIGRTMIN;
  sigevent event{};
  event.sigev_notify = SIGEV_SIGNAL;
  event.sigev_signo = signal;
  if (::syscall(SYS_timer_create, CLOCK_MONOTONIC, &event, &timer_) != 0) {
    throw None(errno, std::generic_category(), "make a timer");
  }
  struct sigaction action {};
  action.sa_handler = ignore;  // without SA_RESTART
  ::sigaction(signal, &action, &action_before_);
  sigset_t own;
  ::sigemptyset(&own);
  ::sigaddset(&own, signal);
  ::sigprocmask(SIG_UNBLOCK, &own, &mask_before_);
  itimerspec times{};
  times.it_interval.tv_nsec = kAgain;
  times.it_value = as_timespec(std::max(after, std::chrono::milliseconds(1)));  // 0 disarms a timer
  ::syscall(SYS_timer_settime, timer_, 0, &times, nullptr);
}

// In this order: a pending signal still meets our handler, not the caller's.
Interruption::~Interruption() {
  ::syscall(SYS_timer_delete, timer_);
  ::sigprocmask(SIG_SETMASK, &mask_before_, nullptr);
  ::sigaction(SIGRTMIN, &action_before_, nullptr);
}

}  // namespace os

// SPDX-License-Identifier: Apache-2.0
// Signals that ask us to end wait while an attachment is made or taken down: it is whole or it is gone.
#pragma once

#include <csignal>

namespace cli {

class HeldSignals {
 public:
  // Every signal that would end us is blocked for this thread and arrives when this ends; SIGPIPE is ignored meanwhile, a
  // write fails with EPIPE. Signals that stop and continue a job work as ever, so does what cannot be held: SIGKILL, and a
  // fault of our own. What we start inherits this: it must be undone between fork and execve (os::Process does).
  // A plugin that hangs is ended from the terminal, whose signals reach it too.
  HeldSignals();
  HeldSignals(const HeldSignals&) = delete;
  HeldSignals& operator=(const HeldSignals&) = delete;
  HeldSignals(HeldSignals&&) = delete;
  HeldSignals& operator=(HeldSignals&&) = delete;
  ~HeldSignals();

  // The number of one that waits, taken out of the queue; 0 when there is none.
  [[nodiscard]] int take() const;

  [[nodiscard]] const sigset_t& held() const { return held_; }

 private:
  sigset_t held_{};
  sigset_t before_{};
  struct sigaction pipe_before_ {};
};

}  // namespace cli

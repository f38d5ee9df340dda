// SPDX-License-Identifier: Apache-2.0
// Delays signals that would end this process while it attaches or detaches, so that nothing is left half done.
#pragma once

#include <csignal>

namespace cli {

class HeldSignals {
 public:
  // Blocks every signal that would end the process, for this thread; the destructor delivers them. SIGPIPE is ignored
  // meanwhile: a write fails with EPIPE. Job control, SIGKILL and faults work as usual. Children inherit the mask, so
  // it must be reset between fork and execve (os::Process does). The terminal's signals also reach a plugin, and end
  // one that hangs.
  HeldSignals();
  HeldSignals(const HeldSignals&) = delete;
  HeldSignals& operator=(const HeldSignals&) = delete;
  HeldSignals(HeldSignals&&) = delete;
  HeldSignals& operator=(HeldSignals&&) = delete;
  ~HeldSignals();

  // Removes a pending signal from the queue and returns its number; 0 if there is none.
  [[nodiscard]] int take() const;

  [[nodiscard]] const sigset_t& held() const { return held_; }

 private:
  sigset_t held_{};
  sigset_t before_{};
  struct sigaction pipe_before_ {};
};

}  // namespace cli

// Signals that ask us to end wait while an attachment is made or taken down: it is whole or it is gone.
#pragma once

#include <csignal>

namespace cli {

class HeldSignals {
 public:
  // Every signal that would end us and can be held is blocked for this thread; what has come meanwhile arrives when this
  // ends. Plugins do not inherit that: the terminal's Ctrl-C reaches one that hangs, and we go on when it is gone.
  HeldSignals();
  HeldSignals(const HeldSignals&) = delete;
  HeldSignals& operator=(const HeldSignals&) = delete;
  HeldSignals(HeldSignals&&) = delete;
  HeldSignals& operator=(HeldSignals&&) = delete;
  ~HeldSignals();

  // The number of one that waits, taken out of the queue; 0 when there is none.
  [[nodiscard]] int take() const;

  [[nodiscard]] const sigset_t& held() const { return held_; }
  [[nodiscard]] const sigset_t& before() const { return before_; }  // the mask that a command must get

 private:
  sigset_t held_{};
  sigset_t before_{};
};

}  // namespace cli

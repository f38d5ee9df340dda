// Signals that ask us to end wait while an attachment is made or taken down: it is whole or it is gone.
#pragma once

#include <csignal>

namespace cli {

class HeldSignals {
 public:
  // SIGINT, SIGTERM and SIGHUP are blocked for this thread and for the plugins that it starts; they arrive when this ends.
  // SIGQUIT is not: it is the way out when a plugin hangs.
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

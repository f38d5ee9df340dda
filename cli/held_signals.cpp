#include "cli/held_signals.h"

#include <ctime>
#include <initializer_list>

namespace cli {

HeldSignals::HeldSignals() {
  sigemptyset(&held_);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE, SIGALRM, SIGVTALRM, SIGPROF, SIGUSR1, SIGUSR2,
                           SIGIO, SIGPWR, SIGSTKFLT, SIGXCPU}) {
    sigaddset(&held_, signal);
  }
  ::sigprocmask(SIG_BLOCK, &held_, &before_);
}

HeldSignals::~HeldSignals() { ::sigprocmask(SIG_SETMASK, &before_, nullptr); }

int HeldSignals::take() const {
  const timespec now{0, 0};
  const int signal = ::sigtimedwait(&held_, nullptr, &now);
  return signal > 0 ? signal : 0;
}

}  // namespace cli

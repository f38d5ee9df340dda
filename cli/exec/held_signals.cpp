// SPDX-License-Identifier: Apache-2.0
#include "cli/exec/held_signals.h"

#include <ctime>
#include <initializer_list>

namespace cli {

HeldSignals::HeldSignals() {
  struct sigaction ignored {};
  ignored.sa_handler = SIG_IGN;
  ::sigaction(SIGPIPE, &ignored, &pipe_before_);
  // All signals whose default ends a process (signal(7)), except SIGPIPE: it would stay pending although it is ignored.
  sigfillset(&held_);
  for (const int signal : {SIGCHLD, SIGCONT, SIGTSTP, SIGTTIN, SIGTTOU, SIGURG, SIGWINCH, SIGPIPE})
    sigdelset(&held_, signal);
  ::sigprocmask(SIG_BLOCK, &held_, &before_);
}

HeldSignals::~HeldSignals() {
  ::sigprocmask(SIG_SETMASK, &before_, nullptr);
  ::sigaction(SIGPIPE, &pipe_before_, nullptr);
}

int HeldSignals::take() const {
  const timespec now{0, 0};
  const int signal = ::sigtimedwait(&held_, nullptr, &now);
  return signal > 0 ? signal : 0;
}

}  // namespace cli

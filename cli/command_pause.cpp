// SPDX-License-Identifier: Apache-2.0
// footbridge pause: keeps the pod of a DaemonSet alive after its init containers, in an image with nothing else.

#include <csignal>

#include "cli/commands.h"

namespace cli {

// The first process of a PID namespace gets only signals that it blocks or handles.
int pause() {
  sigset_t ends{};
  ::sigemptyset(&ends);
  ::sigaddset(&ends, SIGTERM);
  ::sigaddset(&ends, SIGINT);
  ::sigprocmask(SIG_BLOCK, &ends, nullptr);
  for (int came = 0; ::sigwait(&ends, &came) != 0;) {
  }
  return 0;
}

}  // namespace cli

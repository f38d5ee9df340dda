// SPDX-License-Identifier: Apache-2.0
// footbridge pause: what keeps a pod alive whose work its init containers have done, in an image that holds nothing else.

#include <csignal>

#include "cli/commands.h"

namespace cli {

// Blocked signals also reach the first process of a PID namespace, who would not see others at all.
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

// SPDX-License-Identifier: Apache-2.0
// footbridge show: what is on this host now.

#include <unistd.h>

#include "cli/commands.h"
#include "cli/show/observation.h"
#include "lib/os/file.h"

namespace cli {

int show(bool as_json) {
  const Snapshot snapshot = assemble(observe());
  os::write_all(STDOUT_FILENO, as_json ? json(snapshot) : table(snapshot), "write to stdout");
  return 0;
}

}  // namespace cli

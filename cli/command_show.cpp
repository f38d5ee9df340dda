// SPDX-License-Identifier: Apache-2.0
// footbridge show: the networks and attachments on this host now.

#include <unistd.h>

#include "cli/cni/cache.h"
#include "cli/cni/setting.h"
#include "cli/commands.h"
#include "cli/show/observation.h"
#include "lib/os/file.h"

namespace cli {

int show(bool as_json) {
  Observation seen = observe();
  for (const CachedAttachment& cached : Cache(cache_folder({})).load_readable("")) {
    seen.pods[cached.owner] = cached.entry.attachment.pod();
  }
  const Snapshot snapshot = assemble(seen);
  os::write_all(STDOUT_FILENO, as_json ? json(snapshot) : table(snapshot), "write to stdout");
  return 0;
}

}  // namespace cli

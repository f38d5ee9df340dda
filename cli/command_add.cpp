// SPDX-License-Identifier: Apache-2.0
// footbridge add: attach a network namespace to a network.

#include <net/if.h>
#include <unistd.h>

#include "cli/cni/chain.h"
#include "cli/cni/setting.h"
#include "cli/commands.h"
#include "cli/exec/held_signals.h"
#include "lib/netns/netns.h"
#include "lib/os/file.h"

namespace cli {
namespace {

void require_netns(const std::string& path) {
  if (netns::Netns::open(path)) return;
  throw cni::Error(cni::kBadNetns, "no network namespace at " + path + "; " + netns::remedy(path));
}

// A second ADD fails, and the DEL that follows a failed ADD would take down the attachment that is there.
void refuse_second_add(const net::Owner& owner, const Cache& cache) {
  if (::access(cache.file(owner).c_str(), F_OK) != 0) return;
  const std::string host_end = owner.host_end().text();
  if (::if_nametoindex(host_end.c_str()) == 0) return;
  throw cni::Error(cni::kBadEnvironment, owner.container_id + " is attached to " + owner.network + " as " +
                                             owner.ifname + " already (" + host_end +
                                             "): del it first, or choose another --ifname");
}

}  // namespace

int add(const AttachOptions& options) {
  const Conflist network = load_conflist(conf_folder(options), options.network);
  const Attachment attachment = attachment_of(options);
  const std::vector<std::string> path = plugin_folders(options);
  const Cache cache(cache_folder(options));
  require_declared(network, attachment);
  Cache::require_name(attachment.owner(network.name));
  require_netns(attachment.netns);
  refuse_second_add(attachment.owner(network.name), cache);

  const HeldSignals held;
  Chain chain(network, attachment, path, cache);
  if (!options.force) chain.require_available();
  const std::string result = chain.add();
  if (options.quiet) return 0;
  try {
    os::write_all(STDOUT_FILENO, result + "\n", "write to stdout");
  } catch (...) {  // whoever wanted the result takes it for a failed ADD
    chain.del();
    throw;
  }
  return 0;
}

}  // namespace cli

// SPDX-License-Identifier: Apache-2.0
// Restores an attachment's nftables elements after a flush: which attachments, and the calls of cni::Plugin::restore.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "cli/cni/cache.h"
#include "lib/cni/serve.h"
#include "lib/netlink/socket.h"
#include "lib/plan/kernel.h"

namespace cli {

struct Restoration {
  const cni::Plugin* plugin = nullptr;
  cni::Request request;
};

// For each plugin of the cached configuration, in its order, that is in `plugins` and can restore: the request as
// libcni would create it, with the cached result as prevResult. Throws cni::Error if the configuration, the result or a
// name cannot be read, or if the configuration belongs to another network. path: the folders of plugins, where a type
// like cnv-bridge must be this executable.
std::vector<Restoration> parse_restorations(const CachedAttachment& cached, std::span<const cni::Plugin* const> plugins,
                                            const std::vector<std::string>& path);

enum class Life : std::uint8_t { alive, unfinished, gone };

// Is the attachment of that request living? It is if its host end exists with the owner's alias. If another program's
// plugin created the link, it is if the namespace in the request or result is not our own and contains the interface
// with the MAC address of the result. `host`: of NETLINK_ROUTE. Throws std::system_error and cni::Error.
Life observe_life(netlink::Socket& host, const cni::Request& request);

// Deletes all elements of the owner: O(n), for an attachment that was deleted while it was restored.
void delete_elements(plan::Kernel& kernel, const net::Owner& owner);

}  // namespace cli

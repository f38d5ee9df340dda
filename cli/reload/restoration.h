// SPDX-License-Identifier: Apache-2.0
// What is made again of an attachment after its nftables elements were lost: the calls of cni::Plugin::restore, and of
// which attachments.
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

// For each plugin of the cached configuration, in its order, that is among `plugins` and has something to restore: the
// request as libcni would make it, with the cached result as prevResult. Throws cni::Error when configuration, result or
// one of the names cannot be read, or when the configuration is of another network.
// path: the folders of plugins, where a type like cnv-bridge must be this executable.
std::vector<Restoration> parse_restorations(const CachedAttachment& cached, std::span<const cni::Plugin* const> plugins,
                                            const std::vector<std::string>& path);

enum class Life : std::uint8_t { alive, unfinished, gone };

// Is the attachment of that restoration there? By its host end, which bears the owner's alias. Where a plugin of others made
// the link, by the namespace that the request or the result names: one that is not our own, and that has the interface with
// the MAC that the result tells. `host`: of NETLINK_ROUTE. Throws std::system_error and cni::Error.
Life observe_life(netlink::Socket& host, const cni::Request& request);

// Removes all elements that bear the owner's name: O(n), for an attachment that went away while it was restored.
void remove_elements(plan::Kernel& kernel, const net::Owner& owner);

}  // namespace cli

// SPDX-License-Identifier: Apache-2.0
// Deleting many links at once (ip-link(8), "group"): the kernel waits for its grace periods once per group instead of
// once per link (about 30 ms each).
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "lib/net/ifname.h"
#include "lib/netlink/link.h"
#include "lib/netlink/socket.h"

namespace netlink {

// Moves the link with that index into a group; succeeds if the link is gone.
struct SetGroup {
  net::IfName name;
  std::uint32_t index = 0;
  std::uint32_t group = 0;
};
Request request(const SetGroup& change);
std::string text(const SetGroup& change);

// Deletes all links of the group, which must not be 0, the default group of all links.
struct DeleteGroup {
  std::uint32_t group = 0;
};
Request request(const DeleteGroup& change);
std::string text(const DeleteGroup& change);

// A random group that none of the links is in.
std::uint32_t unused_group(std::span<const Link> links);

}  // namespace netlink

// SPDX-License-Identifier: Apache-2.0
// Many links deleted at once (ip-link(8), "group"): the kernel waits for its grace periods once for a whole group, and for
// each link when they are deleted one by one (some 30 ms each).
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "lib/net/ifname.h"
#include "lib/netlink/link.h"
#include "lib/netlink/socket.h"

namespace netlink {

// Puts the link with that index into a group; success when it is gone already.
struct SetGroup {
  net::IfName name;
  std::uint32_t index = 0;
  std::uint32_t group = 0;
};
Request request(const SetGroup& change);
std::string text(const SetGroup& change);

// Deletes every link of the group, which must not be 0, the group of all links that nobody has put into one.
struct DeleteGroup {
  std::uint32_t group = 0;
};
Request request(const DeleteGroup& change);
std::string text(const DeleteGroup& change);

// A group that none of the links is in, at random.
std::uint32_t unused_group(std::span<const Link> links);

}  // namespace netlink

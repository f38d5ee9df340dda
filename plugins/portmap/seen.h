// SPDX-License-Identifier: Apache-2.0
// What the portmap plugin observes in the table before it plans.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "lib/net/attachments.h"
#include "lib/netlink/socket.h"
#include "lib/ruleset/table.h"
#include "plugins/portmap/wanted.h"

namespace portmap {

// The table's elements of one attachment, at one generation.
struct Seen {
  std::uint32_t generation = 0;
  // Elements with the wanted keys, of any owner; and all of the owner's, including those that stand by.
  std::vector<ruleset::Element> ports;
  std::vector<ruleset::Element> others;       // the same for publishers, snat4/6, masqall4/6, localnet
  std::vector<ruleset::Element> local;        // local4/6: masquerade::observe_local()
  std::vector<std::string> gone_owners = {};  // owners in `ports` whose attachment no longer exists
  std::vector<std::string> siblings = {};     // owners in `ports` of the same container
  // Elements for those of `ports` that living attachments stand by for, as they will be in the ports' maps.
  std::vector<ruleset::Element> successors = {};
  std::vector<ruleset::Table::SeenConditions> conditions = {};  // the lists of conditions with a map
};

// For ADD and CHECK: elements with the wanted keys, elements of the owner, and which other owners of these ports are
// gone or belong to the same container. `host`: rtnetlink.
Seen observe(const ruleset::Table& table, netlink::Socket& host, const Wanted& wanted);

// For DEL: all elements of the owner. The mappings provide the keys. The maps are listed only if fewer elements are
// found than the owner has. If the attachment published nothing, only `publishers` is queried.
Seen observe_owned(const ruleset::Table& table, netlink::Socket& host, const Config& config);

// For GC: the ports that others stand by for. Attachments that are not alive count as gone.
Seen observe_abandoned(const ruleset::Table& table, netlink::Socket& host, const net::Attachments& alive);

// For GC: the empty maps of conditions, at that generation.
std::vector<ruleset::Table::SeenConditions> observe_empty_conditions(const ruleset::Table& table);

}  // namespace portmap

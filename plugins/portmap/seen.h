// SPDX-License-Identifier: Apache-2.0
// What the portmap plugin finds in the table, before it plans.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "lib/net/attachments.h"
#include "lib/netlink/socket.h"
#include "lib/ruleset/table.h"
#include "plugins/portmap/wanted.h"

namespace portmap {

// What the table holds that concerns one attachment, at one generation.
struct Seen {
  std::uint32_t generation = 0;
  std::vector<ruleset::Element>
      ports;  // under the wanted keys, of any owner; and all of the owner's, that stand by too
  std::vector<ruleset::Element> others;       // of publishers, snat4/6, masqall4/6 and localnet, likewise
  std::vector<ruleset::Element> local;        // of local4/6: masquerade::observe_local()
  std::vector<std::string> gone_owners = {};  // those of `ports` whose attachment no longer exists
  std::vector<std::string> siblings = {};     // those of `ports` that are attachments of the same container
  std::vector<ruleset::Element> successors =
      {};  // what living attachments stand by for among `ports`, as it will be in its map
  std::vector<ruleset::Table::SeenConditions> conditions = {};  // the lists of conditions that have a map
};

// For ADD and CHECK: what is under the wanted keys, what the owner has published already, and which of the others that
// publish one of the ports are gone, or the same container's. `host`: rtnetlink.
Seen observe(const ruleset::Table& table, netlink::Socket& host, const Wanted& wanted);

// For DEL: all that is the owner's. The mappings name the keys; the maps are only listed when fewer elements are found
// under them than the owner has. Nothing is looked up beyond `publishers` for an attachment that published nothing.
Seen observe_owned(const ruleset::Table& table, netlink::Socket& host, const Config& config);

// For GC: the ports that others stand by for. Those attachments that are not alive count as gone.
Seen observe_abandoned(const ruleset::Table& table, netlink::Socket& host, const net::Attachments& alive);

// The maps of conditions that are empty, at that generation: for GC.
std::vector<ruleset::Table::SeenConditions> observe_empty_conditions(const ruleset::Table& table);

}  // namespace portmap

// SPDX-License-Identifier: Apache-2.0
// What `show` reads from the kernel, and the snapshot made of it.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "cli/show/snapshot.h"
#include "lib/net/owner.h"
#include "lib/net/prefix.h"
#include "lib/netlink/link.h"
#include "lib/ruleset/element.h"

namespace cli {

struct Observation {
  std::vector<netlink::Link> links;                                    // of the host
  std::map<std::uint32_t, std::vector<net::Prefix>> bridge_addresses;  // by the bridge's index

  // Addresses of the container's end, but those of scope link and host, by the host end's index. The host's socket reads
  // them, without entering the container. None for a link without another end, and for an end that cannot be read.
  std::map<std::uint32_t, std::vector<net::Prefix>> inner_addresses;

  std::vector<ruleset::Element> owners;     // of owners4 and owners6
  std::vector<ruleset::Element> published;  // of hostport4, hostip4 and standby4, and the same for IPv6
  std::vector<ruleset::Element> local;      // of local4 and local6: their comments are networks' names
};

// The owner of a link of the host, of whatever kind: the link's alias is that owner, and its name derives from it.
// nullopt for any other link.
std::optional<net::Owner::Alias> owner_of(const netlink::Link& link);

// Throws std::system_error. What changes meanwhile is seen before or after its change.
Observation observe();

// Pure. Each link that has an owner is an attachment; elements of an owner without a link make an attachment too, a
// leftover that an operator must see. A network that nothing is attached to is found by its pair in local4 or local6,
// its bridge by an address in that prefix.
Snapshot assemble(const Observation& observation);

}  // namespace cli

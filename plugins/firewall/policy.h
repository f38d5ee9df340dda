// SPDX-License-Identifier: Apache-2.0
// ingressPolicy: isolates bridges from each other. The policy belongs to the bridge and its network, not to an
// attachment: ADD sets it, and the DEL of the bridge's last container deletes it (idle.h).
//
//   policed   bridges that accept no packets from other policed bridges; the comment is the network's name
//   within    a pair of the same bridge, unless it is isolated: accepts packets routed back to it; same comment
//   isolated  host interfaces (in the table of the bridge family) that exchange no frames; the owner's comment
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "lib/plan/kernel.h"
#include "lib/plan/plan.h"
#include "lib/ruleset/table.h"
#include "plugins/firewall/config.h"

namespace firewall {

// The bridge, and the host end of the container's link to it.
struct Port {
  std::string bridge;
  std::string name;
};

// The tables' elements of that port and bridge.
struct PolicySeen {
  std::uint32_t generation = 0;
  std::vector<ruleset::Element> bridge;  // of policed and within
  std::optional<ruleset::Element> port;  // of isolated
};
PolicySeen observe_policy(const ruleset::Table& table, const Port& port);

// If two networks share a bridge, the stricter policy applies to both, in either order.
plan::Plan plan_policy(const net::Owner& owner, const Port& port, IngressPolicy policy, const PolicySeen& seen);

// DEL: deletes the port's element of `isolated`.
plan::Plan plan_no_isolation(const net::Owner& owner, const PolicySeen& seen);

}  // namespace firewall

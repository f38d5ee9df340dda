// SPDX-License-Identifier: Apache-2.0
// ingressPolicy: which bridges keep to themselves. It belongs to the bridge and its network, not to an attachment: ADD makes it
// as the configuration says, and the DEL of the bridge's last container takes it away (idle.h).
//
//   policed   bridges that nothing gets into from another policed one; the comment is the network's name
//   within    such a bridge and itself, unless it is isolated: what is routed from it back to it passes; likewise
//   isolated  host interfaces (in the table of the bridge family): no frame goes from one to another; the owner's comment
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

// The bridge, and the host's end of the container's link to it.
struct Port {
  std::string bridge;
  std::string name;
};

// What the tables hold that concerns them.
struct PolicySeen {
  std::uint32_t generation = 0;
  std::vector<ruleset::Element> bridge;  // of policed and within
  std::optional<ruleset::Element> port;  // of isolated
};
PolicySeen observe_policy(const ruleset::Table& table, const Port& port);

// Two networks may share a bridge: the stricter policy stands for both, whichever of them was first.
plan::Plan plan_policy(const net::Owner& owner, const Port& port, IngressPolicy policy, const PolicySeen& seen);

// What DEL takes away of the port: of isolated, by key.
plan::Plan plan_no_isolation(const net::Owner& owner, const PolicySeen& seen);

}  // namespace firewall

// SPDX-License-Identifier: Apache-2.0
// What the firewall plugin does to nf_tables, planned from values alone.
#pragma once

#include <string>
#include <vector>

#include "lib/plan/plan.h"
#include "plugins/firewall/config.h"
#include "plugins/firewall/forward.h"
#include "plugins/firewall/owned_addresses.h"
#include "plugins/firewall/policy.h"

namespace firewall {

// What is to be let through, and how the bridge keeps to itself.
struct Wanted {
  Config config;
  std::vector<net::Prefix> addresses;  // of the container
  Port port;                           // its bridge "" for the policy open without interfaces
};
Wanted wanted_of(Config config, const cni::Result& previous);

// What there is, of one attachment and its bridge, at one generation or none: the earliest guards.
struct Seen {
  OwnedAddressesSeen addresses;
  PolicySeen policy;
  ForwardSeen forward;
  bool has_admin_chain = false;
  bool has_admin_jump = false;  // something leads to it
};

// Makes everything as it is wanted; nothing when it is so already.
plan::Plan plan_rules(const Wanted& wanted, const Seen& seen);

}  // namespace firewall

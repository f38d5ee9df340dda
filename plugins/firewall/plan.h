// SPDX-License-Identifier: Apache-2.0
// Plans for the firewall plugin's changes to nf_tables, computed from values only.
#pragma once

#include <string>
#include <vector>

#include "lib/plan/plan.h"
#include "plugins/firewall/config.h"
#include "plugins/firewall/forward.h"
#include "plugins/firewall/owned_addresses.h"
#include "plugins/firewall/policy.h"

namespace firewall {

// The wanted state: the addresses to accept and the bridge's policy.
struct Wanted {
  Config config;
  std::vector<net::Prefix> addresses;  // the container's
  Port port;                           // bridge: "" for policy open without interfaces
};
Wanted wanted_of(Config config, const cni::Result& previous);

// The current state of one attachment and its bridge, at one generation or none. The earliest generation is used as
// guard.
struct Seen {
  OwnedAddressesSeen addresses;
  PolicySeen policy;
  ForwardSeen forward;
  bool has_admin_chain = false;
  bool has_admin_jump = false;  // some rule jumps to it
};

// Changes the tables to the wanted state. Empty if they already match.
plan::Plan plan_rules(const Wanted& wanted, const Seen& seen);

}  // namespace firewall

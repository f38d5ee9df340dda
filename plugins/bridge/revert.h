// SPDX-License-Identifier: Apache-2.0
// What a failed ADD takes back of what it shares with other containers, as it was `before` and is `now`.
#pragma once

#include "lib/plan/plan.h"
#include "plugins/bridge/config.h"
#include "plugins/bridge/seen.h"

namespace bridge {

// Of the bridge: all of it if this ADD made it and nobody else is connected, else state, MAC and addresses as they were,
// unless another container of the network relies on them by now; and VLAN filtering, if no other port has any VLAN but the
// one that every port has.
plan::Plan plan_revert_bridge(const Config& config, const Seen& before, const Seen& now);

// Of the VLAN's gateway: all of it if this ADD made it and no other port is in its VLAN, else state and addresses.
plan::Plan plan_revert_gateway(const Config& config, const Seen& before, const Seen& now);

}  // namespace bridge

// SPDX-License-Identifier: Apache-2.0
// Reverts a failed ADD's changes to objects that other containers share. before: the state before ADD; now: the current
// state.
#pragma once

#include "lib/plan/plan.h"
#include "plugins/bridge/config.h"
#include "plugins/bridge/seen.h"

namespace bridge {

// Deletes the bridge if this ADD created it and it has no other port. Otherwise restores state, MAC address and
// addresses, unless another container of the network uses the bridge by now. Restores VLAN filtering if no other port
// has VLANs besides the default one.
plan::Plan plan_revert_bridge(const Config& config, const Seen& before, const Seen& now);

// Deletes the VLAN gateway if this ADD created it and no other port is in its VLAN. Otherwise restores state and
// addresses.
plan::Plan plan_revert_gateway(const Config& config, const Seen& before, const Seen& now);

}  // namespace bridge

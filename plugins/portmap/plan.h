// What the portmap plugin changes in the table, planned from values alone.
#pragma once

#include <cstdint>
#include <vector>

#include "lib/plan/plan.h"
#include "plugins/portmap/seen.h"

namespace portmap {

// Makes the table hold just what is wanted for this owner. A port of an owner that is gone, or that leads to an address
// which is ours now, is taken over. Throws cni::Error code 101 when another attachment publishes one of the ports, and then
// nothing is changed.
plan::Plan plan_publish(const Wanted& wanted, const Seen& seen);

// Removes everything of the owner's among what was seen.
plan::Plan plan_withdraw(const net::Owner& owner, const Seen& seen);

// Removes these maps of conditions, which no element is in.
plan::Plan plan_remove_conditions(const std::vector<ruleset::Table::SeenConditions>& empty, std::uint32_t generation);

}  // namespace portmap

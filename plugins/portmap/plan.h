// SPDX-License-Identifier: Apache-2.0
// What the portmap plugin changes in the table, planned from values alone.
#pragma once

#include <cstdint>
#include <vector>

#include "lib/plan/plan.h"
#include "plugins/portmap/seen.h"

namespace portmap {

// Makes the table hold just what is wanted for this owner. A port of an owner that is gone, or that leads to an address
// which is ours now, is taken over; behind one of another attachment of the same container the owner stands by. Throws
// cni::Error code 101 when another container publishes one of the ports, and then nothing is changed.
plan::Plan plan_publish(const Wanted& wanted, const Seen& seen);

// Removes everything of the owner's among what was seen. Its ports pass to those that stand by, if there are any.
plan::Plan plan_withdraw(const net::Owner& owner, const Seen& seen);

// The ports of owners that are gone that others stand by for, and the plan by which they pass to these.
std::vector<ruleset::Element> select_inherited(const Seen& seen);
plan::Plan plan_inherit(const Seen& seen);

// Removes these maps of conditions, which no element is in.
plan::Plan plan_remove_conditions(const std::vector<ruleset::Table::SeenConditions>& empty, std::uint32_t generation);

}  // namespace portmap

// SPDX-License-Identifier: Apache-2.0
// Plans for the portmap plugin's changes to the tables, computed from values only.
#pragma once

#include <cstdint>
#include <vector>

#include "lib/plan/plan.h"
#include "plugins/portmap/seen.h"

namespace portmap {

// Changes the table to contain exactly what is wanted for this owner. Takes over a port whose owner is gone or that
// leads to our own address. Stands by for a port of another attachment of the same container. Throws cni::Error code
// 101 if another container publishes one of the ports; then nothing is changed.
plan::Plan plan_publish(const Wanted& wanted, const Seen& seen);

// Deletes the owner's elements. Attachments that stand by take over its ports.
plan::Plan plan_unpublish(const net::Owner& owner, const Seen& seen);

// The ports of gone owners that other attachments stand by for, and the plan that transfers them.
std::vector<ruleset::Element> select_taken_over(const Seen& seen);
plan::Plan plan_take_over(const Seen& seen);

// Deletes these maps of conditions, which are empty.
plan::Plan plan_remove_conditions(const std::vector<ruleset::Table::SeenConditions>& empty, std::uint32_t generation);

}  // namespace portmap

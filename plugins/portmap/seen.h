// What the portmap plugin finds in the table, before it plans.
#pragma once

#include "lib/ruleset/table.h"
#include "plugins/portmap/plan.h"

namespace portmap {

// For ADD and CHECK: what is under the wanted keys, what the owner has published already, and which of the others that
// publish one of the ports are gone. `host`: rtnetlink.
Seen observe(const ruleset::Table& table, netlink::Socket& host, const Wanted& wanted);

// For DEL: all that is the owner's. The mappings name the keys; the maps are only listed when fewer elements are found
// under them than the owner has. Nothing is looked up beyond `publishers` for an attachment that published nothing.
Seen observe_owned(const ruleset::Table& table, const Config& config);

// The maps of conditions that are empty, at that generation: for GC.
std::vector<ruleset::Table::SeenConditions> observe_empty_conditions(const ruleset::Table& table);

}  // namespace portmap

// What the portmap plugin finds in the table, before it plans.
#pragma once

#include "lib/nft/table.h"
#include "plugins/portmap/plan.h"

namespace portmap {

// For ADD and CHECK: what is under the wanted keys, and what the owner has published already.
Seen observe(const nft::Table& table, const Wanted& wanted);

// For DEL: all that is the owner's. The mappings name the keys; the maps are only listed when fewer elements are found
// under them than the owner has. Nothing is looked up beyond `publishers` for an attachment that published nothing.
Seen observe_owned(const nft::Table& table, const net::Owner& owner, const std::vector<Mapping>& mappings);

}  // namespace portmap

// What STATUS of a plugin looks at before it asks IPAM. Nothing is changed, and it is cheap: kubelets ask every few seconds.
// All throw cni::Error code 50 (not available) when ADD would fail, or what it makes would not work.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "lib/attachment/keys.h"
#include "lib/plan/kernel.h"

namespace attachment {

// That table of ours is there, or could be made.
void check_table(plan::Kernel& kernel, nft::Home home = nft::Home::inet);

// The host reaches what is handed out by the network's own link. `own`: its index, 0 when it is not there yet.
//
// What overlaps is a route of the main table by another link that has addresses of the range in it: to the range's subnet or a
// part of it, or to any network that the host has an address in. Not so: a wider route to elsewhere, as to 10.0.0.0/8 with a
// network 10.1.0.0/16 in it; a route to another node's part of a cluster's subnet, outside this node's range; a route to a
// single address.
void check_ranges(plan::Kernel& kernel, const std::vector<HandedOut>& ranges, std::uint32_t own);

}  // namespace attachment

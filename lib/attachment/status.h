// What STATUS of a plugin looks at before it asks IPAM. Nothing is changed, and it is cheap: kubelets ask every few seconds.
// All throw cni::Error code 50 (not available) when ADD would fail.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "lib/net/prefix.h"
#include "lib/plan/kernel.h"

namespace attachment {

// Our table is there, or could be made.
void check_table(plan::Kernel& kernel);

// No subnet is routed elsewhere by this host. `own`: index of the link that the network is on, 0 when it is not there yet.
// What overlaps is a route of the main table by another link to a subnet or to a part of it. A wider one does not count:
// the default route leads everywhere, and a route to 10.0.0.0/8 stands beside a network 10.1.0.0/16 in it by intent.
void check_subnets(plan::Kernel& kernel, const std::vector<net::Prefix>& subnets, std::uint32_t own);

}  // namespace attachment

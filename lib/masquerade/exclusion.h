// SPDX-License-Identifier: Apache-2.0
// Destinations that a network reaches with its own addresses ("masquerade": {"exclude": [...]}): pairs of its subnet
// and each destination, in exclude4 and exclude6.
//
// Pairs belong to the network: the last ADD in a subnet decides which exist. A subnet of one address is not shared, so
// its pairs are deleted with the attachment.
#pragma once

#include <vector>

#include "lib/net/owner.h"
#include "lib/net/prefix.h"
#include "lib/plan/plan.h"

namespace masquerade {

struct Exclusion {
  std::vector<net::Prefix> subnets;       // the attachment's addresses
  std::vector<net::Prefix> destinations;  // of any family; one inside another adds nothing
};

// Adds the wanted pairs that no present pair covers, and removes unwanted pairs of its subnets. `seen`: all pairs of
// both families. The kernel accepts no overlapping pairs: throws std::system_error (EEXIST) if another network's pair
// partly overlaps a wanted one, naming both.
void plan_exclude(plan::Plan& plan, const net::Owner& owner, const Exclusion& wanted,
                  const std::vector<ruleset::Element>& seen);

}  // namespace masquerade

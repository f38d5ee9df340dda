// SPDX-License-Identifier: Apache-2.0
// Destinations that a network reaches under its own addresses ("masquerade": {"exclude": [...]}): pairs of its subnet and
// each of them in exclude4 and exclude6.
//
// A pair belongs to the network: the last ADD of its subnet says which there are. A subnet of one address has no network
// around it, and its pairs go with the attachment.
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

// Adds the pairs that are wanted and not covered by what is there, removes those of its subnets that are not wanted any
// more. `seen`: all pairs of both families. The kernel takes no pairs that overlap: throws std::system_error (EEXIST) when
// one of another network crosses a wanted one, naming both.
void plan_exclude(plan::Plan& plan, const net::Owner& owner, const Exclusion& wanted,
                  const std::vector<ruleset::Element>& seen);

}  // namespace masquerade

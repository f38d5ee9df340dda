// SPDX-License-Identifier: Apache-2.0
// Range sets that have nothing left to give: how STATUS finds out, and what an operator is told.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "lib/ipam/range.h"
#include "lib/ipam/store_view.h"

namespace ipam {

// The sets that the next ADD in this boot would find exhausted; allocations of an earlier boot are as good as free. In the
// ordinary case one reading of the directory, whatever the size of the sets: files are only looked into when a set has
// nothing else left.
std::vector<const RangeSet*> find_exhausted(const StoreView& store, std::span<const RangeSet> sets,
                                            const std::string& boot);

// "no IP addresses available in range set: <set>: 5 of 5 are taken, the oldest, 10.1.0.2, since <time> by container c9
// (eth0)" for each set, and the commands that show who has the addresses and free those that nobody has. It begins as the
// reference's text does.
std::string exhaustion_text(const StoreView& store, std::span<const RangeSet* const> sets);

// "container c9 (eth0)", "container c9" in the old format.
std::string owner_text(const Holder& holder);

// UTC, RFC 3339.
std::string text(std::time_t time);

}  // namespace ipam

// SPDX-License-Identifier: Apache-2.0
// Exhausted range sets: how STATUS finds them, and their error text.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "lib/ipam/range.h"
#include "lib/ipam/store_view.h"

namespace ipam {

// The sets that the next ADD in this boot would find exhausted. Allocations of an earlier boot count as free. Usually
// it reads the directory once and no file, whatever the size of the sets. Files are read only if a set has no other
// free address.
std::vector<const RangeSet*> find_exhausted(const StoreView& store, std::span<const RangeSet> sets,
                                            const std::string& boot);

// "no IP addresses available in range set: <set>: 5 of 5 are allocated, the oldest, 10.1.0.2, since <time> by
// container c9 (eth0)" for each set, and the commands that list the allocations and release unused ones. It begins
// with the reference's text.
std::string exhaustion_text(const StoreView& store, std::span<const RangeSet* const> sets);

// "container c9 (eth0)", "container c9" in the old format.
std::string owner_text(const Holder& holder);

// UTC, RFC 3339.
std::string text(std::time_t time);

}  // namespace ipam

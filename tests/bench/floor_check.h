// SPDX-License-Identifier: Apache-2.0
// Checks that the floor leaves the same state as our plugins.
#pragma once

#include <string>

#include "tests/bench/side.h"

namespace bench {

// Each makes one attachment with both families and three ports on its own host. Compares links, addresses, routes,
// interface settings, tables and files; returns the lines that only one of the hosts has.
std::string compare_floor(const Side& ours, const Side& floor, const std::string& store);

}  // namespace bench

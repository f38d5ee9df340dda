// SPDX-License-Identifier: Apache-2.0
// Is the floor honest: does it leave behind what our plugins do?
#pragma once

#include <string>

#include "tests/bench/side.h"

namespace bench {

// One attachment with both families and three ports by each, on a host of its own: links, addresses, routes, settings of
// interfaces, tables, files. The lines that only one of the two hosts has; empty when there are none.
std::string compare_floor(const Side& ours, const Side& floor, const std::string& store);

}  // namespace bench

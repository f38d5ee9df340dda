// SPDX-License-Identifier: Apache-2.0
// Checks that the floor leaves the same state as our plugins.
#pragma once

#include <string>

#include "tests/bench/side.h"

namespace bench {

// Each makes one attachment of that plugin with both families, and with three ports unless it is on the LAN, on its own
// host. Compares links, addresses, routes, interface settings, tables and files; returns the lines that only one of the
// hosts has. Empty if the kernel lacks the plugin's links.
std::string compare_floor(const Side& ours, const Side& floor, const std::string& plugin, const std::string& store);

}  // namespace bench

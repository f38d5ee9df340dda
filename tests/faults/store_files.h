// SPDX-License-Identifier: Apache-2.0
// Reads the files of a store without the product's code.
#pragma once

#include <set>
#include <string>
#include <vector>

namespace faults {

// Defects, one sentence each: temporary files, malformed files, a container with two addresses of one family.
std::vector<std::string> store_defects(const std::string& folder);

std::set<std::string> leased_addresses(const std::string& folder);

}  // namespace faults

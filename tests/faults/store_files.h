// SPDX-License-Identifier: Apache-2.0
// The files of an address store, read without the product's help.
#pragma once

#include <set>
#include <string>
#include <vector>

namespace faults {

// Temporary files, files that nobody can read, a container with two addresses of one family. Sentences.
std::vector<std::string> flaws_of_store(const std::string& folder);

std::set<std::string> held_addresses(const std::string& folder);

}  // namespace faults

// SPDX-License-Identifier: Apache-2.0
// The skeleton of our tables: the chains and rules, which do not depend on containers. Each subject has its own file.
#pragma once

#include <string_view>
#include <vector>

#include "lib/nft/rule.h"
#include "lib/nft/table_family.h"

namespace ruleset {

// The comment of a table.
std::string_view table_comment(nft::TableFamily family);

// The chains of a table in the order of creation. The first one's comment ends with the version of the skeleton. A
// table with another comment is repaired.
std::vector<nft::Chain> chains(nft::TableFamily family);
std::vector<nft::Rule> rules(nft::TableFamily family);

// The sets of a table that no rule uses: they could be missing although all chains exist.
std::vector<std::string_view> sets_without_rule(nft::TableFamily family);

// The chain that `forward` jumps to for the administrators' chains (admin.h), and the one that `hostports` jumps to for
// ports with conditions (condition.h).
inline constexpr const char* kAdminChains = "admin";
inline constexpr const char* kConditions = "conditions";

// The parts of chains() and rules(), by subject.
std::vector<nft::Chain> nat_chains();  // nat_rules.cpp: masquerading, published ports
std::vector<nft::Rule> nat_rules();
std::vector<nft::Chain> filter_chains();  // filter_rules.cpp: ingressPolicy between networks
std::vector<nft::Rule> filter_rules();
std::vector<nft::Chain> isolation_chains();  // filter_rules.cpp, family bridge: isolated containers
std::vector<nft::Rule> isolation_rules();
std::vector<nft::Chain> bridge_chains();  // bridge_rules.cpp: source addresses
std::vector<nft::Rule> bridge_rules();

}  // namespace ruleset

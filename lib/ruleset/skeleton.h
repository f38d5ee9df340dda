// SPDX-License-Identifier: Apache-2.0
// The part of our tables that does not depend on any container: their chains and rules. Each subject has its file.
#pragma once

#include <string_view>
#include <vector>

#include "lib/nft/home.h"
#include "lib/nft/rule.h"

namespace ruleset {

// The comment of a table.
std::string_view table_comment(nft::Home home);

// The chains of a table, in the order in which they are made. The comment of the first one ends in the version of the
// skeleton: a table where it ends otherwise is repaired.
std::vector<nft::Chain> chains(nft::Home home);
std::vector<nft::Rule> rules(nft::Home home);

// The sets of a table that no rule looks into: they could be lost beside whole chains.
std::vector<std::string_view> sets_without_rule(nft::Home home);

// The chain inside `forward` that leads to the chains of administrators (admin.h), and the one inside `hostports` with the
// ports that are published under conditions (condition.h).
inline constexpr const char* kAdminChains = "admin";
inline constexpr const char* kConditions = "conditions";

// By subject; the parts of chains() and rules().
std::vector<nft::Chain> nat_chains();  // nat_rules.cpp: masquerading, published ports
std::vector<nft::Rule> nat_rules();
std::vector<nft::Chain> filter_chains();  // filter_rules.cpp: networks that keep to themselves
std::vector<nft::Rule> filter_rules();
std::vector<nft::Chain> isolation_chains();  // there too, of the bridge family: containers that keep to themselves
std::vector<nft::Rule> isolation_rules();
std::vector<nft::Chain> bridge_chains();  // bridge_rules.cpp: source addresses
std::vector<nft::Rule> bridge_rules();

}  // namespace ruleset

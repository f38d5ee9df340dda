// SPDX-License-Identifier: Apache-2.0
// libnftnl's objects for our tables: tables, chains, rules, sets and elements.
#pragma once

#include <string_view>
#include <vector>

#include "lib/nft/object.h"
#include "lib/ruleset/element.h"

namespace ruleset {

// All throw std::bad_alloc.
nft::TableObject make_table(nft::TableFamily family);
nft::ChainObject make_chain();  // in one of our tables; likewise below
nft::RuleObject make_rule();
nft::SetObject make_set(const nft::Set& set, std::string_view name);  // the maps of conditions share a description

// The set with just one element, from which messages about elements are made. `with_data`: with data and comment.
nft::SetObject set_with(const nft::Set& set, const Element& element, bool with_data);

// Appends the elements of a NEWSETELEM message about that set, which has that name.
void read_elements(const nlmsghdr* message, const nft::Set& set, std::string_view name, std::vector<Element>& into);

}  // namespace ruleset

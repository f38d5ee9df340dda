// SPDX-License-Identifier: Apache-2.0
// libnftnl's objects for our tables: the table, its chains, rules and sets, and the elements of these.
#pragma once

#include <string_view>
#include <vector>

#include "lib/nft/object.h"
#include "lib/ruleset/element.h"

namespace ruleset {

// All throw std::bad_alloc.
nft::TableObject make_table(nft::Home home);
nft::ChainObject make_chain();  // of one of our tables, and so on
nft::RuleObject make_rule();
nft::SetObject make_set(const nft::Set& set, std::string_view name);  // sets of conditions share a description

// The set with one element in it: what messages about elements are made from. `with_data`: with data and comment.
nft::SetObject set_with(const nft::Set& set, const Element& element, bool with_data);

// The elements of a NEWSETELEM message, which is about that set, under that name.
void read_elements(const nlmsghdr* message, const nft::Set& set, std::string_view name, std::vector<Element>& into);

}  // namespace ruleset

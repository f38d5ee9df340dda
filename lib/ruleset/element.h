// SPDX-License-Identifier: Apache-2.0
// Elements of our sets and maps: their content and their owner.
#pragma once

#include <string>

#include "lib/nft/set.h"

namespace ruleset {

struct Element {
  std::string set;  // name of the set: one of sets(), or a map of conditions
  nft::Values key;
  nft::Values data = {};     // of a map
  std::string comment = {};  // net::Owner::comment() of the attachment, or the network's name
  friend bool operator==(const Element&, const Element&) = default;
};

// A step of a transaction. An added element must not exist, a removed one must: both are planned from observed state,
// and if the table has changed since then the kernel rejects the whole transaction.
struct AddElement {
  Element element;
};
struct RemoveElement {
  Element element;
};

// "add element inet footbridge masq4 { 10.1.0.2 comment "n/c1/eth0" }"
std::string text(const AddElement& change);
std::string text(const RemoveElement& change);

}  // namespace ruleset

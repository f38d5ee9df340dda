// SPDX-License-Identifier: Apache-2.0
// Elements of our sets and maps: what they hold and whose they are.
#pragma once

#include <string>

#include "lib/nft/set.h"

namespace ruleset {

struct Element {
  std::string set;  // its name: of sets(), or that of a condition
  nft::Values key;
  nft::Values data = {};     // of a map
  std::string comment = {};  // net::Owner::comment() of the attachment, or the network's name
  friend bool operator==(const Element&, const Element&) = default;
};

// A step of a transaction. An element that is added must not be there, one that is removed must: both are planned from
// what was observed, and a table that has changed since then refuses the whole transaction.
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

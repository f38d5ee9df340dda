// SPDX-License-Identifier: Apache-2.0
#include "lib/ruleset/skeleton.h"

#include <iterator>

namespace ruleset {
namespace {

template <class Part>
void append(std::vector<Part>& to, std::vector<Part> more) {
  to.insert(to.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
}

}  // namespace

std::string_view table_comment(nft::TableFamily family) {
  return family == nft::TableFamily::inet ? "NAT and firewall for containers, made by Footbridge"
                                          : "source addresses and isolation of containers, made by Footbridge";
}

std::vector<nft::Chain> chains(nft::TableFamily family) {
  std::vector<nft::Chain> all;
  if (family == nft::TableFamily::inet) {
    append(all, nat_chains());
    append(all, filter_chains());
  } else {
    append(all, bridge_chains());
    append(all, isolation_chains());
  }
  return all;
}

std::vector<nft::Rule> rules(nft::TableFamily family) {
  std::vector<nft::Rule> all;
  if (family == nft::TableFamily::inet) {
    append(all, nat_rules());
    append(all, filter_rules());
  } else {
    append(all, bridge_rules());
    append(all, isolation_rules());
  }
  return all;
}

std::vector<std::string_view> sets_without_rule(nft::TableFamily family) {
  if (family == nft::TableFamily::bridge) return {"macof", "ipsof4", "ipsof6"};
  return {"owners4",    "owners6",    "forward4", "forward6", "forwarded4",
          "forwarded6", "publishers", "standby4", "standby6"};
}

}  // namespace ruleset

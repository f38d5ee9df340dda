// SPDX-License-Identifier: Apache-2.0
// Chains of administrators in our table: the firewall plugin makes one, leads to it before everything else at the forward
// hook, and never looks at it again. What is in it, and whether it goes, is the administrator's.
#pragma once

#include <string>
#include <string_view>

namespace ruleset {

inline constexpr std::string_view kAdminComment =
    "rules of the administrator, asked first; Footbridge never changes them";

// What is wrong with that name for a chain of an administrator's; "" when nothing is: 1 to 28 letters, digits and "_.-" as
// iptables takes and nft(8) reads, beginning with a letter or "_", and none of our own chains' names.
std::string admin_chain_flaw(std::string_view name);

// A step of a transaction: the chain, and the jump to it. It must not be there; has_chain: the chain is, and no jump.
struct AddAdminChain {
  std::string name;
  bool has_chain = false;
};
std::string text(const AddAdminChain& change);

}  // namespace ruleset

// SPDX-License-Identifier: Apache-2.0
// Administrators' chains in our table. The firewall plugin creates one, jumps to it before everything else at the
// forward hook, and never changes it again. Its rules and its deletion are up to the administrator.
#pragma once

#include <string>
#include <string_view>

namespace ruleset {

inline constexpr std::string_view kAdminComment =
    "rules of the administrator, asked first; Footbridge never changes them";

// The rule that the name of an administrator's chain breaks, "" if it is valid: 1 to 28 letters, digits and "_.-", as
// iptables accepts and nft(8) parses, beginning with a letter or "_", and not the name of one of our chains.
std::string admin_chain_flaw(std::string_view name);

// A step of a transaction: adds the chain and the jump to it, which must not exist. has_chain: only the jump is
// missing.
struct AddAdminChain {
  std::string name;
  bool has_chain = false;
};
std::string text(const AddAdminChain& change);

}  // namespace ruleset

// Chains of administrators in our table: the firewall plugin makes one, leads to it before everything else at the forward
// hook, and never looks at it again. What is in it, and whether it goes, is the administrator's.
#pragma once

#include <string>
#include <string_view>

namespace nft {

inline constexpr std::string_view kAdminComment =
    "rules of the administrator, asked first; Footbridge never changes them";

// A step of a transaction: the chain, and the jump to it. It must not be there.
struct AddAdminChain {
  std::string name;
};
std::string text(const AddAdminChain& change);

}  // namespace nft

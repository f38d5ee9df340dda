// SPDX-License-Identifier: Apache-2.0
#include "lib/ruleset/admin.h"

#include <algorithm>
#include <vector>

#include "lib/nft/table_family.h"
#include "lib/ruleset/skeleton.h"

namespace ruleset {
namespace {

bool is_letter(char byte) { return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || byte == '_'; }

bool is_for_names(char byte) { return is_letter(byte) || (byte >= '0' && byte <= '9') || byte == '.' || byte == '-'; }

}  // namespace

std::string admin_chain_flaw(std::string_view name) {
  constexpr std::size_t kLongest = 28;  // iptables' XT_EXTENSION_MAXNAMELEN without the NUL
  const bool is_name = !name.empty() && name.size() <= kLongest && is_letter(name.front()) &&
                       std::all_of(name.begin(), name.end(), is_for_names);
  if (!is_name) return "1 to 28 letters, digits, \"_\", \".\" and \"-\", beginning with a letter or \"_\"";
  const std::vector<nft::Chain> own = chains(nft::TableFamily::inet);
  const bool is_own = std::any_of(own.begin(), own.end(), [&](const nft::Chain& chain) { return name == chain.name; });
  return is_own ? "a name that no chain of Footbridge has" : "";
}

std::string text(const AddAdminChain& change) {
  std::string jump = "add rule " + text(nft::TableFamily::inet) + " " + kAdminChains + " jump " + change.name;
  if (change.has_chain) return jump;
  return "add chain " + text(nft::TableFamily::inet) + " " + change.name + " { comment \"" +
         std::string(kAdminComment) + "\"; }; " + jump;
}

}  // namespace ruleset

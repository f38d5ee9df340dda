// SPDX-License-Identifier: Apache-2.0
#include "plugins/firewall/seen.h"

#include <linux/netfilter.h>

#include <algorithm>
#include <array>

#include "lib/ruleset/skeleton.h"

namespace firewall {

namespace {

// True for any jump to the chain, among any other rules.
bool leads_to(plan::Kernel& kernel, const std::string& admin_chain) {
  const auto jumps = foreign::list_rules(kernel.netfilter(), {NFPROTO_INET, nft::kTable, ruleset::kAdminChains});
  return std::any_of(jumps.begin(), jumps.end(), [&](const foreign::Rule& rule) { return rule.target == admin_chain; });
}

}  // namespace

Seen observe(plan::Kernel& kernel, const Wanted& wanted, bool has_firewalld) {
  const net::Owner& owner = wanted.config.owner;
  Seen seen;
  seen.addresses = observe_owned_addresses(kernel.table(), owner, wanted.addresses);
  seen.policy = observe_policy(kernel.table(), wanted.port);
  seen.forward = observe_forward(kernel.netfilter(), owner, families_of(wanted.addresses), has_firewalld);
  const std::array admin{foreign::Chain{NFPROTO_INET, nft::kTable, wanted.config.admin_chain}};
  seen.has_admin_chain = !foreign::present_chains(kernel.netfilter(), admin).empty();
  seen.has_admin_jump = seen.has_admin_chain && leads_to(kernel, wanted.config.admin_chain);
  return seen;
}

}  // namespace firewall

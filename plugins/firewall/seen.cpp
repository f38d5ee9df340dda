#include "plugins/firewall/seen.h"

#include <linux/netfilter.h>

#include <array>

namespace firewall {

Seen observe(plan::Kernel& kernel, const Wanted& wanted, bool has_firewalld) {
  const net::Owner& owner = wanted.config.owner;
  Seen seen;
  seen.addresses = plan::observe_owned_addresses(kernel.table(), owner, wanted.addresses);
  seen.policy = observe_policy(kernel.table(), wanted.port);
  seen.forward = plan::observe_forward(kernel.netfilter(), owner, families_of(wanted.addresses), has_firewalld);
  const std::array admin{nft::ForeignChain{NFPROTO_INET, nft::kTable, wanted.config.admin_chain}};
  seen.has_admin_chain = !nft::present_chains(kernel.netfilter(), admin).empty();
  return seen;
}

}  // namespace firewall

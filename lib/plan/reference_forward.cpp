#include "lib/plan/reference_forward.h"

#include <linux/netfilter.h>

#include <algorithm>

#include "lib/nft/table.h"

namespace plan {

ReferenceSeen observe_reference_forward(netlink::Socket& netfilter, const std::vector<net::Prefix>& addresses) {
  ReferenceSeen seen;
  seen.generation = nft::Table(netfilter).generation();
  for (const std::uint8_t family : {NFPROTO_IPV4, NFPROTO_IPV6}) {
    for (nft::ForeignRule& rule : nft::list_rules(netfilter, {family, "filter", "CNI-FORWARD"})) {
      const bool is_of_one = std::any_of(addresses.begin(), addresses.end(), [&](const net::Prefix& address) {
        const auto bytes = address.address.bytes();
        return rule.effect.verdict == nft::Verdict::accept && rule.compared.size() == 1 &&
               std::equal(bytes.begin(), bytes.end(), rule.compared[0].begin(), rule.compared[0].end());
      });
      if (is_of_one) seen.rules.push_back(std::move(rule));
    }
  }
  return seen;
}

}  // namespace plan

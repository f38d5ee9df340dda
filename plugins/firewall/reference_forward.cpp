// SPDX-License-Identifier: Apache-2.0
#include "plugins/firewall/reference_forward.h"

#include <linux/netfilter.h>

#include <algorithm>

#include "lib/ruleset/table.h"

namespace firewall {

reference::Seen observe_reference_forward(netlink::Socket& netfilter, const std::vector<net::Prefix>& addresses) {
  reference::Seen seen;
  seen.generation = ruleset::Table(netfilter).generation();
  for (const std::uint8_t family : {NFPROTO_IPV4, NFPROTO_IPV6}) {
    for (foreign::Rule& rule : foreign::list_rules(netfilter, {family, "filter", "CNI-FORWARD"})) {
      const bool is_of_one = std::any_of(addresses.begin(), addresses.end(), [&](const net::Prefix& address) {
        const auto bytes = address.address.bytes();
        return rule.effect.verdict == foreign::Verdict::accept && rule.compared.size() == 1 &&
               std::equal(bytes.begin(), bytes.end(), rule.compared[0].begin(), rule.compared[0].end());
      });
      if (is_of_one) seen.rules.push_back(std::move(rule));
    }
  }
  return seen;
}

}  // namespace firewall

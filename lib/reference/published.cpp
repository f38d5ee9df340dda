// SPDX-License-Identifier: Apache-2.0
#include "lib/reference/published.h"

#include <linux/netfilter.h>

#include <algorithm>
#include <map>
#include <vector>

#include "lib/net/owner.h"
#include "lib/reference/leftovers.h"

namespace reference {
namespace {

using PortsByNumber = std::multimap<std::uint16_t, const HostPort*>;

std::uint8_t protocol_of(net::Family family) { return family == net::Family::v4 ? NFPROTO_IPV4 : NFPROTO_IPV6; }

std::vector<foreign::Chain> chains_for(std::span<const HostPort> ports) {
  std::vector<foreign::Chain> chains;
  for (const net::Family family : {net::Family::v4, net::Family::v6}) {
    if (std::none_of(ports.begin(), ports.end(), [&](const HostPort& port) { return port.family == family; })) continue;
    const std::uint8_t protocol = protocol_of(family);
    chains.push_back({protocol, "cni_hostport", "hostports"});
    chains.push_back({protocol, "cni_hostport", "hostip_hostports"});
    chains.push_back({protocol, "nat", "CNI-HOSTPORT-DNAT"});
  }
  return chains;
}

// True if the rule handles the port's packets. A rule with an address handles only that address.
bool takes(const foreign::Rule& rule, const HostPort& port) {
  const auto compares = [&](const auto& is_wanted) {
    return std::any_of(rule.compared.begin(), rule.compared.end(), is_wanted);
  };
  const bool is_protocol = compares([&](const auto& value) { return value == std::vector{port.protocol}; });
  const bool is_on_one = compares([](const auto& value) { return value.size() == 4 || value.size() == 16; });
  return is_protocol && (!is_on_one || (port.address && rule.mentions(*port.address)));
}

// A rule of iptables has up to 15 ports of a container and leads to a chain with one rule for each. Versions before
// 1.8.8 store the port in a form that is not parsed; such a rule counts for every port.
bool takes(netlink::Socket& netfilter, const foreign::Rule& rule, const HostPort& port) {
  if (!takes(rule, port)) return false;
  if (rule.target.empty()) return true;
  const auto own = foreign::list_rules(netfilter, {rule.chain.family, rule.chain.table, rule.target});
  return std::any_of(own.begin(), own.end(), [&](const foreign::Rule& one) {
    const bool has_port = std::any_of(one.compared.begin(), one.compared.end(),
                                      [](const std::vector<std::uint8_t>& value) { return value.size() == 2; });
    return one.target.empty() && (!has_port || one.mentions(port.number)) && takes(one, port);
  });
}

std::optional<HostPort> taken_by(netlink::Socket& netfilter, const foreign::Rule& rule, const PortsByNumber& ports) {
  for (const std::vector<std::uint8_t>& value : rule.compared) {
    if (value.size() != 2) continue;
    const auto [first, last] = ports.equal_range(static_cast<std::uint16_t>(value[0] << 8U | value[1]));
    for (auto port = first; port != last; ++port) {
      const bool is_family = protocol_of(port->second->family) == rule.chain.family;
      if (is_family && takes(netfilter, rule, *port->second)) return *port->second;
    }
  }
  return std::nullopt;
}

}  // namespace

std::optional<TakenPort> find_taken(netlink::Socket& netfilter, std::span<const HostPort> ports,
                                    const std::string& container_id) {
  PortsByNumber by_number;
  for (const HostPort& port : ports) by_number.emplace(port.number, &port);
  for (const foreign::Chain& chain : foreign::present_chains(netfilter, chains_for(ports))) {
    for (foreign::Rule& rule : foreign::list_rules(netfilter, chain)) {
      const auto owner = parse_comment(rule.comment);
      if ((owner ? owner->container_id : rule.comment) == container_id) continue;
      const auto port = taken_by(netfilter, rule, by_number);
      if (!port) continue;
      return TakenPort{*port, owner ? owner->network + "/" + owner->container_id : rule.comment, std::move(rule)};
    }
  }
  return std::nullopt;
}

}  // namespace reference

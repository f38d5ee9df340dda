// SPDX-License-Identifier: Apache-2.0
#include "plugins/firewall/forward_drop.h"

#include <linux/netfilter.h>

#include <algorithm>

#include "lib/foreign/legacy.h"

namespace firewall {
namespace {

constexpr const char* kFirewalld = "firewalld";

std::optional<net::Family> family_of(const foreign::Chain& chain) {
  if (chain.family == NFPROTO_IPV4) return net::Family::v4;
  if (chain.family == NFPROTO_IPV6) return net::Family::v6;
  return std::nullopt;
}

std::optional<ForwardDrop> observe_legacy(net::Family family) {
  const auto filter = foreign::LegacyFilter::observe(family);
  if (!filter) return std::nullopt;
  const Passage passage = passage_of([&](const std::string& name) { return filter->chain(name); }, filter->forward(),
                                     filter->drops_the_rest());
  if (!passage.drops) return std::nullopt;
  return ForwardDrop{family, {static_cast<std::uint8_t>(family), "", "FORWARD"}, !passage.may_admit};
}

std::string legacy_commands(net::Family family, const std::string& subnet) {
  const std::string insert =
      (family == net::Family::v4 ? "iptables-legacy" : "ip6tables-legacy") + std::string(" -I FORWARD ");
  return insert + "-s " + subnet + " -j ACCEPT; " + insert + "-d " + subnet +
         " -m conntrack --ctstate RELATED,ESTABLISHED,DNAT -j ACCEPT";
}

std::string nft_commands(const foreign::Chain& chain, net::Family family, const std::string& subnet) {
  const std::string insert = "nft insert rule " + foreign::text(chain) + (family == net::Family::v4 ? " ip " : " ip6 ");
  return insert + "saddr " + subnet + " accept; " + insert + "daddr " + subnet +
         " ct state established,related accept; " + insert + "daddr " + subnet + " ct status dnat accept";
}

std::string commands(const ForwardDrop& drop, net::Family family, const std::string& subnet) {
  return drop.chain.table.empty() ? legacy_commands(family, subnet) : nft_commands(drop.chain, family, subnet);
}

}  // namespace

bool is_of_iptables(const foreign::Chain& chain) {
  return chain.family != NFPROTO_INET && chain.table == "filter" && chain.name == "FORWARD";
}

Passage observe_passage(netlink::Socket& netfilter, const foreign::ForwardChain& chain) {
  const auto effects = [&](const std::string& name) {
    foreign::Effects result;
    for (foreign::Rule& rule : foreign::list_rules(netfilter, {chain.chain.family, chain.chain.table, name})) {
      result.push_back(std::move(rule.effect));
    }
    return result;
  };
  return passage_of(effects, chain.chain.name, chain.drops_the_rest);
}

std::vector<ForwardDrop> observe_forward_drops(netlink::Socket& netfilter,
                                               std::span<const foreign::ForwardChain> chains,
                                               std::span<const net::Family> families, bool has_firewalld) {
  const auto concerns = [&](const std::optional<net::Family>& family) {
    return !family || std::find(families.begin(), families.end(), *family) != families.end();
  };
  std::vector<ForwardDrop> drops;
  for (const foreign::ForwardChain& one : chains) {
    const auto family = family_of(one.chain);
    if (is_of_iptables(one.chain) || !concerns(family)) continue;
    if (has_firewalld && one.chain.table == kFirewalld) continue;
    const Passage passage = observe_passage(netfilter, one);
    if (passage.drops) drops.push_back({family, one.chain, !passage.may_admit});
  }
  for (const net::Family family : families) {
    if (auto drop = observe_legacy(family)) drops.push_back(std::move(*drop));
  }
  return drops;
}

std::string advice(const ForwardDrop& drop, std::span<const net::Prefix> subnets) {
  const std::string where =
      drop.chain.table.empty()
          ? std::string("chain FORWARD of ") + (drop.family == net::Family::v4 ? "iptables-legacy" : "ip6tables-legacy")
          : "chain " + foreign::text(drop.chain);
  std::string text = where +
                     (drop.is_certain ? " drops every new connection" : " drops what none of its rules accepts") +
                     ", and Footbridge cannot add an exception to it. Accept packets of containers with: ";
  std::string list;
  for (const net::Prefix& subnet : subnets) {
    if (drop.family && subnet.family() != *drop.family) continue;
    list += (list.empty() ? "" : "; ") + commands(drop, subnet.family(), subnet.network().text());
  }
  return text + (list.empty() ? commands(drop, drop.family.value_or(net::Family::v4), "SUBNET") : list);
}

}  // namespace firewall

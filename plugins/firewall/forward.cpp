// SPDX-License-Identifier: Apache-2.0
#include "plugins/firewall/forward.h"

#include <linux/netfilter.h>

#include <algorithm>
#include <array>
#include <functional>

namespace firewall {
namespace {

std::array<foreign::Chain, 2> forward_chains() {
  return {foreign::Chain{NFPROTO_IPV4, "filter", "FORWARD"}, foreign::Chain{NFPROTO_IPV6, "filter", "FORWARD"}};
}

bool concerns(const foreign::Chain& chain, net::Family family) {
  return chain.family == (family == net::Family::v4 ? NFPROTO_IPV4 : NFPROTO_IPV6);
}

IptablesForward observe_iptables(netlink::Socket& netfilter, const foreign::ForwardChain& chain,
                                 const net::Owner& owner) {
  const Passage passage = observe_passage(netfilter, chain);
  IptablesForward seen{chain.chain, passage.drops, 0, {}, {}};
  std::size_t place = 0;
  for (foreign::Rule& rule : foreign::list_rules(netfilter, chain.chain)) {
    if (passage.at == place) seen.before = rule.handle;
    const bool is_late = passage.at && place > *passage.at;
    if (rule.comment == owner.comment()) (is_late ? seen.late : seen.owned).push_back(std::move(rule));
    ++place;
  }
  return seen;
}

// The rules that the chain needs if it drops.
std::vector<foreign::AddAccept> wanted_in(const IptablesForward& seen, const net::Owner& owner,
                                          const std::vector<net::Prefix>& addresses) {
  std::vector<foreign::AddAccept> wanted;
  for (const net::Prefix& address : addresses) {
    if (!concerns(seen.chain, address.family())) continue;
    for (const foreign::Direction direction : {foreign::Direction::from, foreign::Direction::to}) {
      wanted.push_back({seen.chain, direction, address.address, owner.comment(), seen.before});
    }
  }
  return wanted;
}

ForwardRules observe_rules(netlink::Socket& netfilter, const std::function<bool(const std::string&)>& is_meant) {
  ForwardRules seen;
  seen.generation = ruleset::Table(netfilter).generation();
  for (const foreign::Chain& chain : forward_chains()) {
    for (foreign::Rule& rule : foreign::list_rules(netfilter, chain)) {
      if (is_meant(rule.comment)) seen.rules.push_back(std::move(rule));
    }
  }
  return seen;
}

}  // namespace

ForwardSeen observe_forward(netlink::Socket& netfilter, const net::Owner& owner, std::span<const net::Family> families,
                            bool has_firewalld) {
  ForwardSeen seen;
  seen.generation = ruleset::Table(netfilter).generation();
  const std::vector<foreign::ForwardChain> chains = foreign::list_forward_chains(netfilter);
  for (const foreign::ForwardChain& chain : chains) {
    const bool is_concerned = std::any_of(families.begin(), families.end(),
                                          [&](net::Family family) { return concerns(chain.chain, family); });
    if (is_concerned && is_of_iptables(chain.chain)) {
      seen.iptables.push_back(observe_iptables(netfilter, chain, owner));
    }
  }
  seen.others = observe_forward_drops(netfilter, chains, families, has_firewalld);
  return seen;
}

plan::Plan plan_forward(const net::Owner& owner, const std::vector<net::Prefix>& addresses, const ForwardSeen& seen) {
  plan::Plan plan;
  for (const IptablesForward& chain : seen.iptables) {
    std::vector<foreign::AddAccept> missing = wanted_in(chain, owner, addresses);
    for (const foreign::Rule& rule : chain.late) plan.remove(rule);
    for (const foreign::Rule& rule : chain.owned) {
      const auto same = std::find_if(missing.begin(), missing.end(),
                                     [&](const foreign::AddAccept& wanted) { return foreign::is_same(rule, wanted); });
      if (same == missing.end()) {
        plan.remove(rule);
      } else {
        missing.erase(same);
      }
    }
    if (!chain.drops) continue;
    for (foreign::AddAccept& rule : missing) plan.add(std::move(rule));
  }
  plan::guard(plan, seen.generation);
  return plan;
}

ForwardRules observe_forward_rules(netlink::Socket& netfilter, const net::Owner& owner) {
  return observe_rules(netfilter, [&](const std::string& comment) { return comment == owner.comment(); });
}

ForwardRules observe_abandoned_forward_rules(netlink::Socket& netfilter, const net::Attachments& alive) {
  return observe_rules(netfilter, [&](const std::string& comment) { return alive.is_abandoned(comment); });
}

plan::Plan plan_no_forward(const ForwardRules& seen) {
  plan::Plan plan;
  for (const foreign::Rule& rule : seen.rules) plan.remove(rule);
  plan::guard(plan, seen.generation);
  return plan;
}

}  // namespace firewall

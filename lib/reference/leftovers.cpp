// SPDX-License-Identifier: Apache-2.0
#include "lib/reference/leftovers.h"

#include <linux/netfilter.h>
#include <sha2.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>

#include "lib/ruleset/table.h"

namespace reference {
namespace {

constexpr std::array<std::uint8_t, 2> kFamilies{NFPROTO_IPV4, NFPROTO_IPV6};
constexpr std::size_t kChainName = 28;  // characters; the limit of iptables
constexpr std::size_t kMasqueradeId = 16;
constexpr std::string_view kIptables = "nat";
constexpr std::string_view kHostports = "cni_hostport";

foreign::Chain masq_checks() { return {NFPROTO_INET, "cni_plugins_masquerade", "masq_checks"}; }

std::string network_id(const std::string& network) { return hashed_name({}, network, kMasqueradeId); }

std::string attachment_id(const net::Owner& owner) {
  return hashed_name({}, owner.ifname + ":" + owner.container_id, kMasqueradeId);
}

bool contains(const std::vector<foreign::Chain>& chains, const foreign::Rule& rule) {
  return std::any_of(chains.begin(), chains.end(), [&](const foreign::Chain& chain) {
    return chain.family == rule.chain.family && chain.table == rule.chain.table && chain.name == rule.target;
  });
}

// The iptables chains that lead to a container's own.
constexpr std::array<std::string_view, 1> kMasqueradeParents{"POSTROUTING"};
constexpr std::array<std::string_view, 2> kPortParents{"CNI-HOSTPORT-DNAT", "CNI-HOSTPORT-SNAT"};

std::vector<foreign::Rule> list_parents(netlink::Socket& netfilter, std::uint8_t family,
                                        std::span<const std::string_view> parents) {
  std::vector<foreign::Rule> rules;
  for (const std::string_view parent : parents) {
    for (foreign::Rule& rule : foreign::list_rules(netfilter, {family, std::string(kIptables), std::string(parent)})) {
      rules.push_back(std::move(rule));
    }
  }
  return rules;
}

// Finds chains in iptables' nat tables with those prefixes, named after the container, and the rules that lead to them.
void observe_iptables(netlink::Socket& netfilter, const net::Owner& owner, std::span<const std::string_view> prefixes,
                      std::span<const std::string_view> parents, Seen& seen) {
  std::vector<foreign::Chain> chains;
  for (const std::uint8_t family : kFamilies) {
    for (const std::string_view prefix : prefixes) {
      const std::string name = hashed_name(prefix, owner.network + owner.container_id, kChainName);
      chains.push_back({family, std::string(kIptables), name});
    }
  }
  chains = foreign::present_chains(netfilter, chains);
  for (const std::uint8_t family : kFamilies) {
    const auto is_of_family = [family](const foreign::Chain& chain) { return chain.family == family; };
    if (std::none_of(chains.begin(), chains.end(), is_of_family)) continue;
    for (foreign::Rule& rule : list_parents(netfilter, family, parents)) {
      if (contains(chains, rule)) seen.rules.push_back(std::move(rule));
    }
  }
  seen.chains.insert(seen.chains.end(), chains.begin(), chains.end());
}

// True if the rule belongs to a container of the network that is not alive, and leads to a chain of that container
// alone.
bool is_abandoned(const foreign::Rule& rule, const net::Attachments& alive) {
  const auto owner = parse_comment(rule.comment);
  if (!owner || owner->network != alive.network() || alive.is_alive(owner->container_id)) return false;
  return rule.target.size() == kChainName && rule.target.starts_with("CNI-");
}

void observe_abandoned_iptables(netlink::Socket& netfilter, const net::Attachments& alive, std::uint8_t family,
                                std::span<const std::string_view> parents, Seen& seen) {
  const std::vector<foreign::Rule> rules = list_parents(netfilter, family, parents);
  std::vector<foreign::Chain> chains;
  for (const foreign::Rule& rule : rules) {
    if (is_abandoned(rule, alive) && !contains(chains, rule)) {
      chains.push_back({family, rule.chain.table, rule.target});
    }
  }
  for (const foreign::Rule& rule : rules) {
    if (contains(chains, rule)) seen.rules.push_back(rule);
  }
  seen.chains.insert(seen.chains.end(), chains.begin(), chains.end());
}

bool mentions_any(const foreign::Rule& rule, const std::vector<net::Prefix>& addresses) {
  return std::any_of(addresses.begin(), addresses.end(),
                     [&](const net::Prefix& address) { return rule.mentions(address.address); });
}

// Keeps those of the container's rules that belong to the known ports. The addresses that the ports lead to identify
// the rules that masquerade for them.
void filter_known(std::vector<foreign::Rule>& rules, KnownPorts known) {
  if (known.addresses.empty() && known.host_ports.empty()) return;
  const auto has_port = [&](const foreign::Rule& rule) {
    return std::any_of(known.host_ports.begin(), known.host_ports.end(),
                       [&](std::uint16_t port) { return rule.mentions(port); });
  };
  for (const foreign::Rule& rule : rules) {
    if (!has_port(rule)) continue;
    for (const std::vector<std::uint8_t>& value : rule.loaded) {
      if (value.size() != 4 && value.size() != 16) continue;
      known.addresses.push_back(net::Prefix::host(net::Address::from_bytes(value)));
    }
  }
  std::erase_if(rules, [&](const foreign::Rule& rule) { return !mentions_any(rule, known.addresses); });
}

}  // namespace

std::optional<net::Owner> parse_comment(std::string_view comment) {
  const auto quoted = [&comment](std::string_view key) -> std::optional<std::string> {
    const std::string before = std::string(key) + ": \"";
    const std::size_t begin = comment.find(before);
    if (begin == std::string_view::npos) return std::nullopt;
    const std::size_t end = comment.find('"', begin + before.size());
    if (end == std::string_view::npos) return std::nullopt;
    return std::string(comment.substr(begin + before.size(), end - begin - before.size()));
  };
  const auto network = quoted("name");
  const auto container = quoted("id");
  if (!network || !container) return std::nullopt;
  return net::Owner{*network, *container, {}};
}

std::string hashed_name(std::string_view prefix, std::string_view text, std::size_t size) {
  std::array<char, SHA512_DIGEST_STRING_LENGTH> digits{};
  ::SHA512Data(reinterpret_cast<const std::uint8_t*>(text.data()), text.size(), digits.data());
  return (std::string(prefix) + digits.data()).substr(0, size);
}

Seen observe_masquerade(netlink::Socket& netfilter, const net::Owner& owner) {
  constexpr std::array<std::string_view, 1> kPrefixes{"CNI-"};
  Seen seen;
  seen.generation = ruleset::Table(netfilter).generation();
  const std::string comment = network_id(owner.network) + "-" + attachment_id(owner);
  for (foreign::Rule& rule : foreign::list_rules(netfilter, masq_checks())) {
    if (rule.comment.starts_with(comment)) seen.rules.push_back(std::move(rule));
  }
  observe_iptables(netfilter, owner, kPrefixes, kMasqueradeParents, seen);
  return seen;
}

Seen observe_macspoofchk(netlink::Socket& netfilter, const net::Owner& owner) {
  const std::string id = owner.container_id + "-" + owner.ifname;
  const std::string chain = "cni-br-iface-" + id;
  const std::vector<foreign::Chain> wanted{{NFPROTO_BRIDGE, std::string(kIptables), chain},
                                           {NFPROTO_BRIDGE, std::string(kIptables), chain + "-mac"}};
  Seen seen;
  seen.generation = ruleset::Table(netfilter).generation();
  seen.chains = foreign::present_chains(netfilter, wanted);
  if (seen.chains.empty()) return seen;  // PREROUTING has rules of all containers
  // Deleting a chain deletes its rules, but rules that lead to another chain must be deleted first.
  std::vector<foreign::Chain> places{{NFPROTO_BRIDGE, std::string(kIptables), "PREROUTING"}, wanted.front()};
  for (const foreign::Chain& place : places) {
    for (foreign::Rule& rule : foreign::list_rules(netfilter, place)) {
      if (rule.comment == "macspoofchk-" + id) seen.rules.push_back(std::move(rule));
    }
  }
  return seen;
}

Seen observe_ports(netlink::Socket& netfilter, const net::Owner& owner, KnownPorts known) {
  constexpr std::array<std::string_view, 2> kPrefixes{"CNI-DN-", "CNI-SN-"};
  constexpr std::array<std::string_view, 3> kChains{"hostports", "hostip_hostports", "masquerading"};
  Seen seen;
  seen.generation = ruleset::Table(netfilter).generation();
  std::vector<foreign::Chain> chains;
  for (const std::uint8_t family : kFamilies) {
    for (const std::string_view name : kChains) {
      chains.push_back({family, std::string(kHostports), std::string(name)});
    }
  }
  for (const foreign::Chain& chain : foreign::present_chains(netfilter, chains)) {
    for (foreign::Rule& rule : foreign::list_rules(netfilter, chain)) {
      if (rule.comment == owner.container_id) seen.rules.push_back(std::move(rule));
    }
  }
  if (!known.addresses.empty()) known.host_ports.clear();  // addresses are sufficient
  filter_known(seen.rules, std::move(known));
  observe_iptables(netfilter, owner, kPrefixes, kPortParents, seen);
  return seen;
}

Seen observe_abandoned(netlink::Socket& netfilter, const net::Attachments& alive) {
  Seen seen;
  seen.generation = ruleset::Table(netfilter).generation();
  std::vector<std::string> kept;
  for (const net::Owner& owner : alive.owners()) {
    kept.push_back(network_id(owner.network) + "-" + attachment_id(owner));
  }
  for (foreign::Rule& rule : foreign::list_rules(netfilter, masq_checks())) {
    if (!rule.comment.starts_with(network_id(alive.network()) + "-")) continue;
    const bool is_kept = std::any_of(kept.begin(), kept.end(),
                                     [&](const std::string& comment) { return rule.comment.starts_with(comment); });
    if (!is_kept) seen.rules.push_back(std::move(rule));
  }
  for (const std::uint8_t family : kFamilies) {
    observe_abandoned_iptables(netfilter, alive, family, kMasqueradeParents, seen);
    observe_abandoned_iptables(netfilter, alive, family, kPortParents, seen);
  }
  return seen;
}

plan::Plan plan_removal(const Seen& seen) {
  plan::Plan plan;
  plan.is_recorded = false;
  for (const foreign::Rule& rule : seen.rules) plan.remove(rule);
  for (const foreign::Chain& chain : seen.chains) plan.remove(chain);
  plan::guard(plan, seen.generation);
  return plan;
}

}  // namespace reference

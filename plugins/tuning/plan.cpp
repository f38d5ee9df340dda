// SPDX-License-Identifier: Apache-2.0
#include "plugins/tuning/plan.h"

#include <string>

#include "lib/attachment/chained/previous.h"
#include "lib/cni/error.h"
#include "plugins/tuning/value.h"

namespace tuning {
namespace {

net::IfName name_of(const Config& config) { return net::IfName(config.owner.ifname); }

std::string on_or_off(bool value) { return value ? "on" : "off"; }

// "interface eth0 mtu: expected 1400, found 1500", if the attribute is configured.
template <typename Value, typename Text>
void expect(plan::Differences& differences, const std::string& what, const std::optional<Value>& wanted,
            const std::optional<Value>& found, const Text& text) {
  if (wanted) differences.expect(what, text(*wanted), found ? text(*found) : "none");
}

void compare_link(plan::Differences& differences, const Config& config, const std::optional<netlink::Link>& link) {
  const std::string what = "interface " + config.owner.ifname;
  if (!link) return differences.add(what + ": not found");
  const Attributes found = values_of(*link, config.wanted);
  const auto number = [](std::uint32_t value) { return std::to_string(value); };
  expect(differences, what + " mac", config.wanted.mac, found.mac, [](const net::Mac& mac) { return mac.text(); });
  expect(differences, what + " promisc", config.wanted.promiscuous, found.promiscuous, on_or_off);
  expect(differences, what + " mtu", config.wanted.mtu, found.mtu, number);
  expect(differences, what + " allmulti", config.wanted.all_multicast, found.all_multicast, on_or_off);
  expect(differences, what + " txQLen", config.wanted.tx_queue_length, found.tx_queue_length, number);
}

}  // namespace

std::vector<plan::Plan> plan_sysctls(const Config& config) {
  std::vector<plan::Plan> plans;
  for (const Sysctl& one : config.sysctls) plans.emplace_back().container(sysctl::Setting{one.path, one.value});
  return plans;
}

plan::Plan plan_interface(const Config& config) {
  plan::Plan plan;
  if (!config.wanted.empty()) plan.container(change_of({name_of(config)}, config.wanted));
  return plan;
}

std::vector<plan::Plan> plan_restore_sysctls(const Config& config, const Seen& seen) {
  std::vector<plan::Plan> plans;
  for (std::size_t i = 0; i < config.sysctls.size() && i < seen.sysctls.size(); ++i) {
    if (!seen.sysctls[i].value) continue;
    plans.emplace_back().container(sysctl::Setting{config.sysctls[i].path, *seen.sysctls[i].value});
  }
  return plans;
}

Backup plan_backup(const Config& config, const Seen& seen, const std::optional<Backup>& earlier) {
  Backup backup{values_of(*seen.link, config.wanted), config.owner, LinkId{seen.netns, seen.link->index}};
  if (earlier && earlier->link == backup.link) backup.previous = merged(earlier->previous, backup.previous);
  return backup;
}

cni::Result describe(cni::Result previous, const Config& config) {
  for (cni::Interface& interface : previous.interfaces) {
    if (interface.name != config.owner.ifname || interface.sandbox.empty()) continue;
    if (config.wanted.mac) interface.mac = config.wanted.mac->text();
    if (config.wanted.mtu) interface.mtu = *config.wanted.mtu;
  }
  return previous;
}

void compare(plan::Differences& differences, const Config& config, const Seen& seen) {
  for (std::size_t i = 0; i < config.sysctls.size(); ++i) {
    const sysctl::Seen& found = seen.sysctls.at(i);
    const Sysctl& wanted = config.sysctls[i];
    if (found.is_write_only || (found.value && is_same_value(wanted.value, *found.value))) continue;
    differences.add("sysctl " + sysctl::name_of(wanted.path) + ": expected " + wanted.value + ", found " +
                    found.value.value_or("nothing"));
  }
  if (!config.wanted.empty()) compare_link(differences, config, seen.link);
}

void require_ipv6_mtu(const Config& config, const cni::Result& previous) {
  constexpr std::uint32_t kLeast = 1280;
  if (!config.wanted.mtu || *config.wanted.mtu >= kLeast) return;
  for (const cni::Ip& ip : attachment::own_part(previous, config.owner.ifname).ips) {
    if (ip.address.family() != net::Family::v6) continue;
    throw cni::Error(cni::kBadConfiguration,
                     "mtu " + std::to_string(*config.wanted.mtu) + " would delete " + ip.address.text() + " from " +
                         config.owner.ifname + ": IPv6 needs an MTU of at least 1280 bytes",
                     "mtu: allowed with an IPv6 address: 1280 or more");
  }
}

}  // namespace tuning

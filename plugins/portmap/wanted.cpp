// SPDX-License-Identifier: Apache-2.0
#include "plugins/portmap/wanted.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>

#include "lib/plan/elements.h"
#include "lib/ruleset/sets.h"

namespace portmap {
namespace {

// Followed by 4- or 6- and 16 digits: ruleset::Conditions::map_name().
constexpr std::string_view kConditional = "when";
constexpr int kHexadecimal = 16;
constexpr std::uint32_t kHostEndIsOurs = 0x80000000U;  // the other bits of a publisher's mark are the number of ports

ruleset::Element key_of(const Mapping& mapping, const ruleset::Conditions& conditions) {
  const nft::Port port{mapping.host_port};
  if (!conditions.all.empty()) return {conditions.map_name(), {mapping.protocol, port}};
  if (!mapping.is_on_one_address()) return {ruleset::host_port_map(conditions.family).name, {mapping.protocol, port}};
  return {ruleset::host_ip_map(conditions.family).name, {nft::value(*mapping.host_ip), mapping.protocol, port}};
}

void add_port(Wanted& wanted, ruleset::Element port, ruleset::Conditions conditions) {
  wanted.ports.push_back(std::move(port));
  if (conditions.all.empty()) return;
  if (std::find(wanted.conditions.begin(), wanted.conditions.end(), conditions) != wanted.conditions.end()) return;
  wanted.conditions.push_back(std::move(conditions));
}

void add_ports(Wanted& wanted, const Config& config, const net::Prefix& address) {
  for (const Mapping& mapping : config.mappings) {
    if (!config.publishes(mapping, address.family())) continue;
    for (ruleset::Conditions& conditions : conditions_for(config, mapping, address.family())) {
      ruleset::Element port = key_of(mapping, conditions);
      port.data = {nft::value(address.address), nft::Port{mapping.container_port}};
      port.comment = config.owner.comment();
      add_port(wanted, std::move(port), std::move(conditions));
    }
  }
}

// Several mappings may publish the same port if they have the same target.
std::vector<ruleset::Element> without_duplicates(const std::vector<ruleset::Element>& ports) {
  const plan::Index index(ports);  // finds the first of several elements with one key
  std::vector<ruleset::Element> result;
  for (const ruleset::Element& port : ports) {
    const ruleset::Element& first = *index.find(port);
    if (&first == &port) result.push_back(port);
    if (first == port) continue;
    throw cni::Error(cni::kBadConfiguration,
                     "runtimeConfig.portMappings: host " + text(mapping_of(port)) +
                         " is mapped to two ports of the container: " + target_text(first) + " and " +
                         target_text(port),
                     "allowed: one container port for each host port");
  }
  return result;
}

void add_others(Wanted& wanted, const Config& config, const Container& container) {
  const std::string comment = config.owner.comment();
  const std::string host_end = config.owner.host_end().text();
  const auto count = static_cast<std::uint32_t>(wanted.ports.size());
  const nft::Mark mark{count | (container.has_host_end ? kHostEndIsOurs : 0)};
  wanted.others.push_back({"publishers", {host_end}, {mark}, comment});
  if (!config.snat) return;
  wanted.subnets = container.addresses;
  for (const net::Prefix& address : container.addresses) {
    const nft::Value target = nft::value(address.address);
    const bool is_target = std::any_of(wanted.ports.begin(), wanted.ports.end(),
                                       [&](const ruleset::Element& port) { return port.data.at(0) == target; });
    if (!is_target) continue;
    wanted.others.push_back({ruleset::published_set(address.family()).name, {target}, {}, comment});
    if (!config.masq_all) continue;
    wanted.others.push_back({ruleset::masquerade_all_set(address.family()).name, {target}, {}, comment});
  }
  if (container.localnet_link.empty()) return;
  const bool is_own = container.localnet_link == host_end;
  wanted.others.push_back({"localnet", {container.localnet_link}, {}, is_own ? comment : std::string()});
}

}  // namespace

Wanted wanted_elements(const Config& config, const Container& container) {
  Wanted wanted{config.owner};
  for (const net::Prefix& address : container.addresses) add_ports(wanted, config, address);
  wanted.ports = without_duplicates(wanted.ports);
  if (!wanted.ports.empty()) add_others(wanted, config, container);
  return wanted;
}

std::vector<ruleset::Element> keys_of(const Config& config) {
  std::vector<ruleset::Element> keys;
  for (const Mapping& mapping : config.mappings) {
    for (const net::Family family : {net::Family::v4, net::Family::v6}) {
      if (!config.publishes(mapping, family)) continue;
      for (const auto& conditions : conditions_for(config, mapping, family))
        keys.push_back(key_of(mapping, conditions));
    }
  }
  return keys;
}

bool is_port(const ruleset::Element& element) { return std::holds_alternative<nft::Port>(element.key.back()); }

net::Prefix target_of(const ruleset::Element& port) { return std::get<net::Prefix>(port.data.at(0)); }

std::string target_text(const ruleset::Element& port) {
  return target_of(port).address.text() + " port " + std::to_string(mapping_of(port).container_port);
}

Mapping mapping_of(const ruleset::Element& port) {
  Mapping mapping;
  std::size_t at = 0;
  if (port.key.size() == 3) mapping.host_ip = std::get<net::Prefix>(port.key[at++]).address;
  mapping.protocol = std::get<nft::Protocol>(port.key.at(at++));
  mapping.host_port = std::get<nft::Port>(port.key.at(at)).number;
  if (port.data.size() == 2) mapping.container_port = std::get<nft::Port>(port.data[1]).number;
  return mapping;
}

ruleset::Element standby_of(const ruleset::Element& port) {
  const net::Prefix target = target_of(port);
  const Mapping mapping = mapping_of(port);
  const bool is_v4 = target.address.is_v4();
  std::uint64_t conditions = 0;  // none
  if (port.set.starts_with(kConditional)) {
    const std::string_view hash = std::string_view(port.set).substr(kConditional.size() + 2);
    std::from_chars(hash.data(), hash.data() + hash.size(), conditions, kHexadecimal);
  }
  const net::Address address = mapping.host_ip.value_or(net::Address::parse(is_v4 ? "0.0.0.0" : "::").value());
  const nft::Mark lower{static_cast<std::uint32_t>(conditions)};
  const nft::Mark upper{static_cast<std::uint32_t>(conditions >> 32U)};
  return {ruleset::standby_map(target.family()).name,
          {nft::value(address), mapping.protocol, nft::Port{mapping.host_port}, lower,
           net::Owner::host_end_of(port.comment).value().text()},
          {port.data.at(0), port.data.at(1), upper},
          port.comment};
}

ruleset::Element port_of(const ruleset::Element& standby) {
  const auto& address = std::get<net::Prefix>(standby.key.at(0)).address;
  const std::uint64_t lower = std::get<nft::Mark>(standby.key.at(3)).number;
  const std::uint64_t conditions = std::uint64_t{std::get<nft::Mark>(standby.data.at(2)).number} << 32U | lower;
  ruleset::Element port{ruleset::host_port_map(address.family()).name,
                        {standby.key.at(1), standby.key.at(2)},
                        {standby.data.at(0), standby.data.at(1)},
                        standby.comment};
  if (conditions != 0) {
    std::array<char, 32> name{};
    std::snprintf(name.data(), name.size(), "when%c-%016llx", address.is_v4() ? '4' : '6',
                  static_cast<unsigned long long>(conditions));
    port.set = name.data();
  } else if (!address.is_unspecified()) {
    port.set = ruleset::host_ip_map(address.family()).name;
    port.key.insert(port.key.begin(), standby.key.at(0));
  }
  return port;
}

std::uint32_t port_count(const ruleset::Element& publisher) {
  return std::get<nft::Mark>(publisher.data.at(0)).number & ~kHostEndIsOurs;
}

bool has_host_end(const ruleset::Element& publisher) {
  return (std::get<nft::Mark>(publisher.data.at(0)).number & kHostEndIsOurs) != 0;
}

}  // namespace portmap

// SPDX-License-Identifier: Apache-2.0
// Configuration of the portmap plugin. Parsing checks all values.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <vector>

#include "lib/cni/request.h"
#include "lib/net/address.h"
#include "lib/net/owner.h"
#include "lib/nft/set.h"
#include "plugins/portmap/conditions.h"

namespace portmap {

struct Mapping {
  std::uint16_t host_port = 0;  // 1..65535, as is container_port
  std::uint16_t container_port = 0;
  nft::Protocol protocol;               // TCP, UDP or SCTP
  std::optional<net::Address> host_ip;  // "0.0.0.0" and "::": all of that family; nullopt: all

  // Can the mapping be published for a container's address of that family?
  [[nodiscard]] bool serves(net::Family family) const { return !host_ip || host_ip->family() == family; }
  [[nodiscard]] bool is_on_one_address() const { return host_ip && !host_ip->is_unspecified(); }
  friend bool operator==(const Mapping&, const Mapping&) = default;
};

// The host port: "port 80/tcp", "192.0.2.1 port 53/udp".
std::string text(const Mapping& mapping);

struct Config {
  bool snat = true;              // snat: serve clients on the host's localhost and in the container's network
  bool masq_all = false;         // masqAll: the container sees all clients as its gateway; needs snat
  ParsedConditions conditions4;  // conditionsV4, conditionsV6: which packets match
  ParsedConditions conditions6;
  std::vector<Mapping> mappings;  // runtimeConfig.portMappings; ranges are expanded
  net::Owner owner;

  [[nodiscard]] const ParsedConditions& conditions(net::Family family) const {
    return family == net::Family::v4 ? conditions4 : conditions6;
  }

  // Will the mapping be published for a container's address of that family?
  [[nodiscard]] bool publishes(const Mapping& mapping, net::Family family) const {
    return mapping.serves(family) && conditions(family).admits(mapping.protocol, mapping.host_port);
  }
  [[nodiscard]] bool publishes(net::Family family) const {
    return std::any_of(mappings.begin(), mappings.end(), [&](const Mapping& one) { return publishes(one, family); });
  }
};

// The maximum of consecutive ports in a range, and of all mappings of a container.
inline constexpr std::size_t kMostMappings = 65535;

// The lists of conditions that a mapping is published under, including a hostIP. One empty list if there are none.
std::vector<ruleset::Conditions> conditions_for(const Config& config, const Mapping& mapping, net::Family family);

// Throws cni::Error code 7 (a bad value) or 2 (unsupported conditions).
Config parse_config(const cni::Request& request);

// For DEL, which a bad value must not stop. Skips mappings and conditions that are invalid.
Config parse_leniently(const cni::Request& request);

// The addresses of prevResult that ports lead to: the first address of each family on CNI_IFNAME.
std::vector<net::Prefix> container_addresses(const cni::Result& previous, const std::string& ifname);

}  // namespace portmap

// SPDX-License-Identifier: Apache-2.0
// What the portmap plugin is asked for. Parsing checks everything; after it nothing is questioned.
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
  std::uint16_t host_port = 0;  // 1..65535, as the next
  std::uint16_t container_port = 0;
  nft::Protocol protocol;               // TCP, UDP or SCTP
  std::optional<net::Address> host_ip;  // 0.0.0.0 and :: mean every address of their family; none: of both

  // Is it to be published for a container's address of that family?
  [[nodiscard]] bool serves(net::Family family) const { return !host_ip || host_ip->family() == family; }
  [[nodiscard]] bool is_on_one_address() const { return host_ip && !host_ip->is_unspecified(); }
  friend bool operator==(const Mapping&, const Mapping&) = default;
};

// The host's side: "port 80/tcp", "192.0.2.1 port 53/udp".
std::string text(const Mapping& mapping);

struct Config {
  bool snat = true;              // snat: local clients (the host's localhost, the container's own network) are served
  bool masq_all = false;         // masqAll: every client is seen as the container's gateway; only with snat
  ParsedConditions conditions4;  // conditionsV4, conditionsV6: what the packets must match
  ParsedConditions conditions6;
  std::vector<Mapping> mappings;  // runtimeConfig.portMappings, a range as so many
  net::Owner owner;

  [[nodiscard]] const ParsedConditions& conditions(net::Family family) const {
    return family == net::Family::v4 ? conditions4 : conditions6;
  }

  // Is the mapping to be published for a container's address of that family?
  [[nodiscard]] bool publishes(const Mapping& mapping, net::Family family) const {
    return mapping.serves(family) && conditions(family).admits(mapping.protocol, mapping.host_port);
  }
  [[nodiscard]] bool publishes(net::Family family) const {
    return std::any_of(mappings.begin(), mappings.end(), [&](const Mapping& one) { return publishes(one, family); });
  }
};

// A range publishes consecutive ports, in a mapping or in all of them together no more than there are.
inline constexpr std::size_t kMostMappings = 65535;

// The conditions that a mapping is published under, by one list or another; one address of the host is a condition too. One
// empty list when there are none.
std::vector<ruleset::Conditions> conditions_for(const Config& config, const Mapping& mapping, net::Family family);

// Throws cni::Error code 7 (a bad value) or 2 (conditions that cannot be translated).
Config parse_config(const cni::Request& request);

// As far as mappings and conditions can be read: for DEL, which a bad value must not stop.
Config parse_leniently(const cni::Request& request);

// The addresses of prevResult that ports are published to: the first of each family on CNI_IFNAME.
std::vector<net::Prefix> container_addresses(const cni::Result& previous, const std::string& ifname);

}  // namespace portmap

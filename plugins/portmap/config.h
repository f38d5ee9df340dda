// What the portmap plugin is asked for. Parsing checks everything; after it nothing is questioned.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "lib/cni/request.h"
#include "lib/net/address.h"
#include "lib/net/owner.h"
#include "lib/nft/set.h"

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

struct Config {
  bool snat = true;               // snat: local clients (the host's localhost, the container's own network) are served
  std::vector<Mapping> mappings;  // runtimeConfig.portMappings
  net::Owner owner;
};

// Throws cni::Error code 7 (a bad value) or 2 (a key of the reference that this version cannot do yet: masqAll,
// conditionsV4, conditionsV6).
Config parse_config(const cni::Request& request);

// As far as they can be read: for DEL, which a bad value must not stop.
std::vector<Mapping> parse_mappings_leniently(const cni::Request& request);

// The addresses of prevResult that ports are published to: the first of each family on CNI_IFNAME.
std::vector<net::Prefix> container_addresses(const cni::Result& previous, const std::string& ifname);

}  // namespace portmap

// SPDX-License-Identifier: Apache-2.0
// Ports of the host that the reference's portmap has published. Its rules come before ours (priority -100), so a port that it
// holds for one container cannot be published for another.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "lib/foreign/rule.h"
#include "lib/net/address.h"
#include "lib/netlink/socket.h"

namespace reference {

struct HostPort {
  net::Family family = net::Family::v4;
  std::uint8_t protocol = 0;  // IPPROTO_*
  std::uint16_t number = 0;
  std::optional<net::Address> address;  // nullopt: every address of the host
};

struct TakenPort {
  HostPort port;
  std::string owner;   // "network/container", or the container alone: the nftables backend keeps no more
  foreign::Rule rule;  // that takes its packets
};

// The first of the ports that is published for another container than `container_id`; whether that container is still there is
// not asked. A port on one address may be on every address as well. Costs one request if the reference has published nothing.
// `netfilter`: a socket of NETLINK_NETFILTER in the host's namespace. Throws std::system_error.
std::optional<TakenPort> find_taken(netlink::Socket& netfilter, std::span<const HostPort> ports,
                                    const std::string& container_id);

}  // namespace reference

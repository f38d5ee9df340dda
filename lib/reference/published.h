// SPDX-License-Identifier: Apache-2.0
// Host ports that the reference's portmap has published. Its rules run before ours (priority -100), so a port published
// there for one container cannot be published here for another.
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
  std::string owner;   // "network/container", or only the container: the nftables backend stores no more
  foreign::Rule rule;  // the rule that handles its packets
};

// The first of the ports that the reference published for a container other than `container_id`, even if that container
// is gone. A port on one address conflicts with one on every address. Costs one request if the reference has published
// nothing. `netfilter`: a socket of NETLINK_NETFILTER in the host's namespace. Throws std::system_error.
std::optional<TakenPort> find_taken(netlink::Socket& netfilter, std::span<const HostPort> ports,
                                    const std::string& container_id);

}  // namespace reference

// SPDX-License-Identifier: Apache-2.0
// Addresses of links (ip-address(8), linux/if_addr.h).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "lib/net/ifname.h"
#include "lib/net/prefix.h"
#include "lib/netlink/socket.h"

namespace netlink {

// By the kernel's scope (ip-address(8)): wider_than_link leaves out addresses of scope link and host.
enum class Scopes : std::uint8_t { all, wider_than_link };

// Those of the link with that index, or of every link (0); both families, in the kernel's order. netns: the link is in
// the namespace that has this number here (Link::peer_netns, Linux 4.20).
std::vector<net::Prefix> observe_addresses(Socket& socket, std::uint32_t index,
                                           std::optional<std::uint32_t> netns = std::nullopt,
                                           Scopes scopes = Scopes::all);

struct NewAddress {
  net::IfName link;
  std::uint32_t index = 0;        // of the link
  net::Prefix address;            // IPv4 shorter than /31 gets its broadcast address too
  bool detect_duplicates = true;  // false: IFA_F_NODAD, usable at once (IPv6 only)
  bool may_exist = false;         // the same address with the same length there already is success
  bool connected_route = true;    // false: IFA_F_NOPREFIXROUTE, the kernel adds no route to the address's network
};
Request request(const NewAddress& change);
std::string text(const NewAddress& change);

// Success when it is gone already.
struct DeleteAddress {
  net::IfName link;
  std::uint32_t index = 0;
  net::Prefix address;
};
Request request(const DeleteAddress& change);
std::string text(const DeleteAddress& change);

}  // namespace netlink

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

// Filter by scope (ip-address(8)): wider_than_link skips addresses of scope link and host.
enum class Scopes : std::uint8_t { all, wider_than_link };

// The addresses of the link with that index, or of all links (0), in both families and in the kernel's order. netns:
// the number of the link's namespace in this one (Link::peer_netns, Linux 4.20).
std::vector<net::Prefix> observe_addresses(Socket& socket, std::uint32_t index,
                                           std::optional<std::uint32_t> netns = std::nullopt,
                                           Scopes scopes = Scopes::all);

struct NewAddress {
  net::IfName link;
  std::uint32_t index = 0;        // of the link
  net::Prefix address;            // IPv4 shorter than /31 also gets its broadcast address
  bool detect_duplicates = true;  // false: IFA_F_NODAD, usable at once (IPv6 only)
  bool may_exist = false;         // accept an existing address with the same prefix length
  bool connected_route = true;    // false: IFA_F_NOPREFIXROUTE, the kernel adds no route to the address's subnet
};
Request request(const NewAddress& change);
std::string text(const NewAddress& change);

// Succeeds if the address is already gone.
struct DeleteAddress {
  net::IfName link;
  std::uint32_t index = 0;
  net::Prefix address;
};
Request request(const DeleteAddress& change);
std::string text(const DeleteAddress& change);

}  // namespace netlink

// SPDX-License-Identifier: Apache-2.0
// Neighbours: MAC addresses of IP addresses on a link (ip-neighbour(8), linux/neighbour.h).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "lib/net/address.h"
#include "lib/net/ifname.h"
#include "lib/net/mac.h"
#include "lib/netlink/socket.h"

namespace netlink {

struct Neighbour {
  net::Address address;
  net::Mac mac;
};

// The permanent entries of the link with that index, in both families.
std::vector<Neighbour> observe_permanent_neighbours(Socket& socket, std::uint32_t index);

// Adds or replaces a permanent entry: the kernel does not query the network for that address. Setting the link down or
// changing its MAC address deletes it.
struct NewNeighbour {
  net::IfName link;
  std::uint32_t index = 0;  // of the link
  net::Address address;
  net::Mac mac;
};
Request request(const NewNeighbour& change);
std::string text(const NewNeighbour& change);

}  // namespace netlink

// SPDX-License-Identifier: Apache-2.0
// Routes (ip-route(8), linux/rtnetlink.h).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "lib/net/ifname.h"
#include "lib/net/prefix.h"
#include "lib/netlink/socket.h"

namespace netlink {

struct Route {
  net::Prefix dst;  // host bits cleared
  std::optional<net::Address> gateway;
  std::uint32_t index = 0;     // of the link
  std::uint32_t table = 0;     // RT_TABLE_MAIN is 254
  std::uint32_t priority = 0;  // the metric
  std::uint8_t scope = 0;      // RT_SCOPE_*
  std::uint8_t protocol = 0;   // RTPROT_*: who made it; RTPROT_KERNEL: the kernel, for an address of the link
  bool is_local = false;       // RTN_LOCAL: it ends here
};

// Unicast routes of both families, by whatever link and in whatever table as long as it is 0.
struct RouteSelection {
  std::uint32_t index = 0;
  std::uint32_t table = 0;
};
std::vector<Route> observe_routes(Socket& socket, const RouteSelection& selection = {});

// The link by which a packet to that address would leave; nullopt when it would not.
std::optional<std::uint32_t> observe_way_to(Socket& socket, const net::Address& address);

// Does a packet to that address end in this namespace? Of an IPv6 address that was just added the kernel sees to that a
// little later.
bool is_local(Socket& socket, const net::Address& address);

// The route that a packet to that address would take, as it stands in its table; nullopt when there is none.
std::optional<Route> observe_route_to(Socket& socket, const net::Address& address);

struct NewRoute {
  net::IfName link;
  std::uint32_t index = 0;
  net::Prefix dst;
  std::optional<net::Address> gateway = {};
  std::uint32_t table = 0;                  // 0: main
  std::uint32_t priority = 0;               // 0: the kernel's default
  std::optional<std::uint8_t> scope = {};   // RT_SCOPE_*; universe without one, as the reference does
  std::uint32_t mtu = 0;                    // bytes, of the route; 0: none
  std::uint32_t advmss = 0;                 // bytes; 0: none
  std::optional<net::Address> source = {};  // the address that packets are sent from by it
  bool replaces = false;                    // takes the place of a route to the same destination with the same metric
};
Request request(const NewRoute& change);
std::string text(const NewRoute& change);

// One more link by which packets to an address count as the host's own, behind those that there are; there already is as
// good. IPv6 alone takes several.
struct NewLocalRoute {
  net::IfName link;
  std::uint32_t index = 0;
  net::Address address;
};
Request request(const NewLocalRoute& change);
std::string text(const NewLocalRoute& change);

}  // namespace netlink

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
  std::uint32_t index = 0;     // of the link; of several next hops the selected one, else the first
  std::uint32_t table = 0;     // RT_TABLE_MAIN is 254
  std::uint32_t priority = 0;  // the metric
  std::uint8_t scope = 0;      // RT_SCOPE_*
  std::uint8_t protocol = 0;   // RTPROT_*, its origin; RTPROT_KERNEL: the kernel, for an address of the link
  bool is_local = false;       // RTN_LOCAL: this host is the destination
};

// Filter for unicast routes of both families; 0 selects any link or any table.
struct RouteSelection {
  std::uint32_t index = 0;
  std::uint32_t table = 0;
};
std::vector<Route> observe_routes(Socket& socket, const RouteSelection& selection = {});

// The outgoing link for that address; nullopt if there is no route.
std::optional<std::uint32_t> observe_link_to(Socket& socket, const net::Address& address);

// True if the address is local in this namespace. For a new IPv6 address this becomes true slightly later.
bool is_local(Socket& socket, const net::Address& address);

// The route that a packet to that address would take, as in its table; nullopt if there is none.
std::optional<Route> observe_route_to(Socket& socket, const net::Address& address);

struct NewRoute {
  net::IfName link;
  std::uint32_t index = 0;
  net::Prefix dst;
  std::optional<net::Address> gateway = {};
  std::uint32_t table = 0;                  // 0: main
  std::uint32_t priority = 0;               // 0: the kernel's default
  std::optional<std::uint8_t> scope = {};   // RT_SCOPE_*; default universe, as the reference does
  std::uint32_t mtu = 0;                    // bytes, of the route; 0: none
  std::uint32_t advmss = 0;                 // bytes; 0: none
  std::optional<net::Address> source = {};  // the preferred source address
  bool replaces = false;                    // replace a route with the same destination and metric
  std::string explanation = {};             // appended to the error if the request fails
};
Request request(const NewRoute& change);
std::string text(const NewRoute& change);

// Adds a local route for an address on one more link, with lower preference than existing ones. Succeeds if it exists.
// Only IPv6 accepts several.
struct NewLocalRoute {
  net::IfName link;
  std::uint32_t index = 0;
  net::Address address;
};
Request request(const NewLocalRoute& change);
std::string text(const NewLocalRoute& change);

}  // namespace netlink

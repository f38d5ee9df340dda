// SPDX-License-Identifier: Apache-2.0
#include "lib/netlink/route.h"

#include <linux/rtnetlink.h>

#include <cerrno>
#include <cstring>
#include <system_error>

#include "lib/netlink/attributes.h"
#include "lib/netlink/datagram.h"

namespace netlink {
namespace {

void put_metrics(Message& message, const NewRoute& change) {
  if (change.mtu == 0 && change.advmss == 0) return;
  const Message::Nest metrics(message, RTA_METRICS);
  if (change.mtu != 0) message.put_u32(RTAX_MTU, change.mtu);
  if (change.advmss != 0) message.put_u32(RTAX_ADVMSS, change.advmss);
}

std::optional<net::Address> address(const Attributes& attributes, std::uint16_t type) {
  const auto bytes = attributes.bytes(type);
  if (bytes.size() != 4 && bytes.size() != 16) return std::nullopt;
  return net::Address::from_bytes(bytes);
}

// The link of a multipath route's next hop: `preferred` if one has that, else the first; 0: the route has none.
std::uint32_t link_of_hop(const Attributes& attributes, std::uint32_t preferred) {
  const auto hops = attributes.bytes(RTA_MULTIPATH);
  std::uint32_t first = 0;
  rtnexthop hop{};
  for (std::size_t at = 0; at + sizeof hop <= hops.size(); at += RTNH_ALIGN(hop.rtnh_len)) {
    std::memcpy(&hop, hops.data() + at, sizeof hop);
    if (hop.rtnh_len < sizeof hop) break;
    const auto index = static_cast<std::uint32_t>(hop.rtnh_ifindex);
    if (index == preferred) return index;
    if (first == 0) first = index;
  }
  return first;
}

Route parse_route(const nlmsghdr* message, std::uint32_t preferred = 0) {
  const auto header = header_of<rtmsg>(message);
  const Attributes attributes(message, sizeof(rtmsg));
  Route route;
  route.dst = net::Prefix::any(header.rtm_family == AF_INET ? net::Family::v4 : net::Family::v6);
  if (const auto dst = address(attributes, RTA_DST)) route.dst = {*dst, header.rtm_dst_len};
  route.gateway = address(attributes, RTA_GATEWAY);
  route.index = attributes.u32(RTA_OIF).value_or(link_of_hop(attributes, preferred));
  route.table = attributes.u32(RTA_TABLE).value_or(header.rtm_table);
  route.priority = attributes.u32(RTA_PRIORITY).value_or(0);
  route.scope = header.rtm_scope;
  route.protocol = header.rtm_protocol;
  route.is_local = header.rtm_type == RTN_LOCAL;
  return route;
}

bool is_selected(const Route& route, const RouteSelection& selection) {
  if (selection.index != 0 && route.index != selection.index) return false;
  return selection.table == 0 || route.table == selection.table;
}

// Kernels since 4.20 apply the selection themselves; is_selected() is for older ones.
void observe_family(Socket& socket, std::uint8_t family, const RouteSelection& selection, std::vector<Route>& routes) {
  Message message(RTM_GETROUTE, 0);
  message.header<rtmsg>().rtm_family = family;
  if (selection.index != 0) message.put_u32(RTA_OIF, selection.index);
  if (selection.table != 0) message.put_u32(RTA_TABLE, selection.table);
  const std::size_t before = routes.size();
  const auto keep = [&](const nlmsghdr* reply) {
    Route route = parse_route(reply, selection.index);
    if (header_of<rtmsg>(reply).rtm_type == RTN_UNICAST && is_selected(route, selection))
      routes.push_back(std::move(route));
  };
  try {
    socket.dump(std::move(message), "list routes", keep, [&] { routes.resize(before); });
  } catch (const std::system_error& error) {
    if (error.code().value() != ENOENT) throw;  // the table never had a route of that family
  }
}

std::optional<Route> look_up(Socket& socket, const net::Address& address, std::uint32_t flags) {
  Message message(RTM_GETROUTE, 0);
  auto& header = message.header<rtmsg>();
  header.rtm_family = static_cast<std::uint8_t>(address.family());
  header.rtm_dst_len = static_cast<std::uint8_t>(net::bits(address.family()));
  header.rtm_flags = flags;
  message.put(RTA_DST, address.bytes());
  std::optional<Route> route;
  socket.exchange({std::move(message),
                   "look up the route to " + address.text(),
                   {ENETUNREACH, EHOSTUNREACH, EACCES, EINVAL},
                   [&](const nlmsghdr* reply) { route = parse_route(reply); },
                   true});
  return route;
}

}  // namespace

std::vector<Route> observe_routes(Socket& socket, const RouteSelection& selection) {
  std::vector<Route> routes;
  observe_family(socket, AF_INET, selection, routes);
  observe_family(socket, AF_INET6, selection, routes);
  return routes;
}

std::optional<std::uint32_t> observe_link_to(Socket& socket, const net::Address& address) {
  const auto route = look_up(socket, address, 0);
  return route ? std::optional(route->index) : std::nullopt;
}

bool is_local(Socket& socket, const net::Address& address) {
  const auto route = look_up(socket, address, 0);
  return route && route->is_local;
}

std::optional<Route> observe_route_to(Socket& socket, const net::Address& address) {
  return look_up(socket, address, RTM_F_FIB_MATCH);
}

Request request(const NewLocalRoute& change) {
  constexpr std::uint32_t kBehindOthers = 1024;  // the kernel's own routes have metric 0
  Message message(RTM_NEWROUTE, NLM_F_CREATE | NLM_F_APPEND);
  auto& header = message.header<rtmsg>();
  header.rtm_family = static_cast<std::uint8_t>(change.address.family());
  header.rtm_dst_len = static_cast<std::uint8_t>(net::bits(change.address.family()));
  header.rtm_protocol = RTPROT_BOOT;
  header.rtm_type = RTN_LOCAL;
  header.rtm_scope = RT_SCOPE_HOST;
  header.rtm_table = RT_TABLE_LOCAL;
  message.put(RTA_DST, change.address.bytes());
  message.put_u32(RTA_OIF, change.index);
  message.put_u32(RTA_PRIORITY, kBehindOthers);
  return {std::move(message), "failed to add route (" + text(change) + ")", {EEXIST}};
}

std::string text(const NewLocalRoute& change) {
  return std::string(change.address.is_v4() ? "ip" : "ip -6") + " route append local " + change.address.text() +
         " dev " + change.link.text() + " table local metric 1024";
}

Request request(const NewRoute& change) {
  Message message(RTM_NEWROUTE, NLM_F_CREATE);
  auto& header = message.header<rtmsg>();
  header.rtm_family = static_cast<std::uint8_t>(change.dst.family());
  header.rtm_dst_len = change.dst.length;
  header.rtm_protocol = RTPROT_BOOT;
  header.rtm_type = RTN_UNICAST;
  header.rtm_scope = change.scope.value_or(RT_SCOPE_UNIVERSE);
  header.rtm_table = RT_TABLE_UNSPEC;
  if (!change.dst.is_any()) message.put(RTA_DST, change.dst.first().bytes());
  message.put_u32(RTA_OIF, change.index);
  message.put_u32(RTA_TABLE, change.table == 0 ? RT_TABLE_MAIN : change.table);
  if (change.gateway) message.put(RTA_GATEWAY, change.gateway->bytes());
  if (change.source) message.put(RTA_PREFSRC, change.source->bytes());
  if (change.priority != 0) message.put_u32(RTA_PRIORITY, change.priority);
  put_metrics(message, change);
  const std::string explanation = change.explanation.empty() ? "" : ": " + change.explanation;
  return {std::move(message), "failed to add route (" + text(change) + ")" + explanation};
}

std::string text(const NewRoute& change) {
  std::string line = change.dst.address.is_v4() ? "ip route prepend " : "ip -6 route prepend ";
  line += change.dst.is_any() ? "default" : change.dst.network().text();
  if (change.gateway) line += " via " + change.gateway->text();
  line += " dev " + change.link.text();
  if (change.table != 0) line += " table " + std::to_string(change.table);
  if (change.priority != 0) line += " metric " + std::to_string(change.priority);
  if (change.source) line += " src " + change.source->text();
  if (change.scope) line += " scope " + std::to_string(*change.scope);
  if (change.mtu != 0) line += " mtu " + std::to_string(change.mtu);
  if (change.advmss != 0) line += " advmss " + std::to_string(change.advmss);
  return line;
}

}  // namespace netlink

// SPDX-License-Identifier: Apache-2.0
// The ipvlan plugin: an interface that shares the MAC address of its parent link and is identified by its IP addresses.
// Keys: docs/plugins/ipvlan.md.

#include <linux/rtnetlink.h>

#include <algorithm>

#include "lib/attachment/chained/previous.h"
#include "lib/attachment/single/single.h"
#include "lib/netlink/route.h"

namespace ipvlan {
namespace {

// In a chain: the interface that the previous plugin created.
net::IfName parse_chained_parent(const cni::Result& previous) {
  if (previous.interfaces.size() == 1 && net::IfName::flaw(previous.interfaces[0].name).empty()) {
    return net::IfName(previous.interfaces[0].name);
  }
  throw cni::Error(cni::kBadConfiguration, "chained master failure. PrevResult lacks a single named interface",
                   "name the link to use with the key \"master\"");
}

netlink::Ipvlan::Mode parse_mode(const cni::Fields& fields) {
  const std::string mode = fields.text_or("mode", "");
  if (mode.empty()) return netlink::Ipvlan::Mode::l2;
  if (const auto known = netlink::parse_ipvlan_mode(mode)) return *known;
  throw cni::Error(cni::kBadConfiguration, "unknown ipvlan mode: \"" + mode + "\"", "mode: allowed: l2, l3, l3s");
}

attachment::Wanted parse(const cni::Request& request) {
  const cni::Fields fields = request.fields();
  const netlink::Ipvlan ipvlan{parse_mode(fields)};
  attachment::Wanted wanted{.kind = ipvlan, .parent = attachment::parse_parent(fields)};
  if (!wanted.parent->name && request.verb == cni::Verb::add) {
    if (const auto previous = request.previous_result()) wanted.parent->name = parse_chained_parent(*previous);
  }
  wanted.mtu = attachment::parse_mtu(fields, 0);
  wanted.has_host_access = attachment::parse_host_access(fields);
  wanted.queues = attachment::parse_queues(fields);
  wanted.dns = attachment::parse_dns(fields);
  return wanted;
}

bool has_requested_addresses(const cni::Request& request) {
  const auto runtime = request.fields().object("runtimeConfig");
  return runtime && !runtime->texts("ips").empty();
}

// The parent's own gateway, if the container's address is in its subnet.
std::optional<net::Address> find_gateway(const std::vector<netlink::Route>& of_parent, const net::Prefix& address) {
  for (const netlink::Route& route : of_parent) {
    if (route.dst.is_any() && route.gateway && address.contains(*route.gateway)) return route.gateway;
  }
  return std::nullopt;
}

// Addresses of the capability "ips" come without a gateway. The container gets that of its parent, and a default route
// if its family has no route yet. In the modes l3 and l3s the host routes the packets, so no gateway is needed.
void complete(cni::Result& lease, const cni::Request& request, plan::Kernel& kernel, const netlink::LinkRef& parent) {
  if (!has_requested_addresses(request)) return;
  const bool is_in_container = attachment::parse_parent(request.fields()).is_in_container;
  netlink::Socket& socket = is_in_container ? kernel.container() : kernel.host();
  const auto of_parent = netlink::observe_routes(socket, {parent.index, RT_TABLE_MAIN});
  const auto present = netlink::observe_routes(kernel.container(), {0, RT_TABLE_MAIN});
  const bool is_layer2 = parse_mode(request.fields()) == netlink::Ipvlan::Mode::l2;
  for (cni::Ip& ip : lease.ips) {
    const net::Family family = ip.address.family();
    if (!ip.gateway && is_layer2) ip.gateway = find_gateway(of_parent, ip.address);
    const auto is_same = [family](const auto& route) { return route.dst.family() == family; };
    const auto is_default = [&](const netlink::Route& route) { return is_same(route) && route.dst.is_any(); };
    if (std::any_of(lease.routes.begin(), lease.routes.end(), is_same)) continue;
    if (std::any_of(present.begin(), present.end(), is_default) || (is_layer2 && !ip.gateway)) continue;
    cni::Route route;
    route.dst = net::Prefix::any(family);
    if (!is_layer2) route.scope = RT_SCOPE_LINK;
    lease.routes.push_back(route);
  }
}

void compare(plan::Differences& differences, plan::Kernel& /*kernel*/, const attachment::Wanted& wanted,
             const netlink::Link& found) {
  const auto mode = netlink::parse_ipvlan(found).mode;
  const auto expected = std::get<netlink::Ipvlan>(wanted.kind).mode;
  if (mode == expected) return;
  differences.add("Container IPVlan mode " + text(mode) + " does not match expected value: " + text(expected));
}

}  // namespace

const cni::Plugin& plugin() {
  static const attachment::Single single{
      .name = "ipvlan", .parse = parse, .adopts_previous = true, .complete = complete, .compare = compare};
  static const cni::Plugin instance = attachment::plugin_of(single);
  return instance;
}

}  // namespace ipvlan

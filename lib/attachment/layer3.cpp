// SPDX-License-Identifier: Apache-2.0
#include "lib/attachment/layer3.h"

#include <linux/rtnetlink.h>

#include <algorithm>

#include "lib/attachment/chained/previous.h"
#include "lib/log/log.h"

namespace attachment {
namespace {

void plan_ipv6_settings(plan::Plan& plan, const Inside& inside) {
  plan.container(sysctl::enable_ipv6(net::IfName("lo")));
  plan.container(sysctl::enable_ipv6(inside.ifname));
  plan.container(sysctl::keep_addresses_when_down(inside.ifname));
  plan.container(sysctl::duplicate_detection(inside.ifname, inside.detect_duplicates));
  if (inside.detect_duplicates) plan.container(sysctl::enhanced_duplicate_detection(inside.ifname));
  plan.container(sysctl::announce_by_ndisc(inside.ifname));
}

// A route of a narrower scope than universe has no gateway, or ends on this host.
bool is_on_link(const cni::Route& route) { return route.scope.value_or(RT_SCOPE_UNIVERSE) >= RT_SCOPE_LINK; }

bool is_rival(const cni::Route& route) { return !route.dst.address.is_v4() && route.priority == 0; }

netlink::NewRoute new_route(const Inside& inside, const cni::Route& route, const cni::Result& lease) {
  netlink::NewRoute change{inside.ifname, inside.index, route.dst};
  change.gateway = route.gw || is_on_link(route) ? route.gw : gateway_of(lease, route.dst.family());
  change.table = static_cast<std::uint32_t>(route.table.value_or(0));
  change.priority = static_cast<std::uint32_t>(route.priority);
  if (route.scope) change.scope = static_cast<std::uint8_t>(*route.scope);
  change.mtu = static_cast<std::uint32_t>(route.mtu);
  change.advmss = static_cast<std::uint32_t>(route.advmss);
  return change;
}

// The kernel accepts a gateway only inside a subnet of the interface or of a route without a gateway, or if it is IPv6
// link-local. Without connected routes, the network's gateway has a route of its own.
bool is_reachable(const net::Address& gateway, const Inside& inside, const cni::Result& lease,
                  const std::vector<netlink::NewRoute>& changes) {
  const net::Prefix link_local = net::Prefix::parse("fe80::/10").value();
  if (link_local.contains(gateway)) return true;
  const auto has_gateway = [&](const cni::Ip& ip) {
    return inside.connected_routes ? ip.address.contains(gateway) : ip.gateway == gateway;
  };
  const auto leads_to_gateway = [&](const netlink::NewRoute& route) {
    return !route.gateway && route.dst.contains(gateway);
  };
  return std::any_of(lease.ips.begin(), lease.ips.end(), has_gateway) ||
         std::any_of(changes.begin(), changes.end(), leads_to_gateway);
}

// "ipam: gateway 10.9.0.1 is outside subnet 10.1.0.0/24"
std::string explain_gateway(const cni::Route& route, const net::Address& gateway, const Inside& inside,
                            const cni::Result& lease) {
  std::string subnets;
  for (const cni::Ip& ip : lease.ips) {
    if (ip.address.family() == gateway.family()) subnets += (subnets.empty() ? "" : ", ") + ip.address.network().text();
  }
  const bool is_of_route = route.gw && route.gw != gateway_of(lease, gateway.family());
  const std::string key = (is_of_route ? "ipam: routes: gw " : "ipam: gateway ") + gateway.text();
  return key + (inside.connected_routes ? " is outside subnet " + subnets : " is not the network's gateway");
}

}  // namespace

bool has_family(const cni::Result& lease, net::Family family) {
  return std::any_of(lease.ips.begin(), lease.ips.end(),
                     [family](const cni::Ip& ip) { return ip.address.family() == family; });
}

std::optional<net::Address> gateway_of(const cni::Result& lease, net::Family family) {
  for (const cni::Ip& ip : lease.ips) {
    if (ip.address.family() == family && ip.gateway) return ip.gateway;
  }
  return std::nullopt;
}

cni::Result without_unusable_routes(cni::Result lease) {
  std::erase_if(lease.routes, [&](const cni::Route& route) {
    const net::Family family = route.dst.family();
    if (has_family(lease, family)) return false;
    logging::warn("route to " + route.dst.text() + " ignored: the container has no " +
                  (family == net::Family::v4 ? "IPv4" : "IPv6") +
                  " address; add a range of that family to the network's ipam configuration, or delete the route");
    return true;
  });
  return lease;
}

void plan_addresses(plan::Plan& plan, const Inside& inside, const cni::Result& lease) {
  if (has_family(lease, net::Family::v6)) plan_ipv6_settings(plan, inside);
  // Addresses come from IPAM. Router advertisements are ignored, above all without IPv6 addresses (CVE-2020-10749).
  plan.container(sysctl::refuse_router_advertisements(inside.ifname));
  plan.container(sysctl::announce_by_arp(inside.ifname));
  for (const cni::Ip& ip : lease.ips) {
    netlink::NewAddress change{inside.ifname, inside.index, ip.address, inside.detect_duplicates};
    change.connected_route = inside.connected_routes;
    plan.container(change);
  }
  plan.container(netlink::SetLink{inside.ifname, true});
}

std::vector<netlink::Route> observe_rivals(plan::Kernel& kernel, const cni::Result& lease) {
  if (std::none_of(lease.routes.begin(), lease.routes.end(), is_rival)) return {};
  return netlink::observe_routes(kernel.container());
}

std::vector<netlink::Route> observe_routes_to(plan::Kernel& kernel, const cni::Result& lease) {
  std::vector<netlink::Route> routes;
  for (const cni::Ip& ip : lease.ips) {
    auto route = netlink::observe_route_to(kernel.host(), ip.address.address);
    if (route) routes.push_back(std::move(*route));
  }
  return routes;
}

void plan_routes(plan::Plan& plan, const Inside& inside, const cni::Result& lease,
                 const std::vector<netlink::Route>& rivals) {
  std::vector<netlink::NewRoute> changes;
  for (const cni::Route& route : lease.routes) {
    netlink::NewRoute change = new_route(inside, route, lease);
    const std::uint32_t table = change.table == 0 ? RT_TABLE_MAIN : change.table;
    std::vector<netlink::Route> present = rivals;
    std::erase_if(present, [&](const netlink::Route& one) { return one.table != table; });
    if (is_rival(route)) change.priority = preferred_metric(route.dst.network(), present);
    changes.push_back(std::move(change));
  }
  for (std::size_t i = 0; i < changes.size(); ++i) {
    const auto& gateway = changes[i].gateway;
    if (!gateway || is_reachable(*gateway, inside, lease, changes)) continue;
    changes[i].explanation = explain_gateway(lease.routes[i], *gateway, inside, lease);
  }
  // A gateway outside the subnet becomes reachable through an on-link route, so those come first.
  std::stable_partition(changes.begin(), changes.end(), [](const netlink::NewRoute& one) { return !one.gateway; });
  for (netlink::NewRoute& change : changes) plan.container(std::move(change));
}

std::uint32_t preferred_metric(const net::Prefix& dst, const std::vector<netlink::Route>& present) {
  std::uint32_t metric = 0;
  if (dst.address.is_v4()) return metric;
  for (const netlink::Route& route : present) {
    const bool is_better = route.priority > 1 && (metric == 0 || route.priority - 1 < metric);
    if (route.dst == dst && is_better) metric = route.priority - 1;
  }
  return metric;
}

plan::Plan plan_announce(const net::IfName& ifname, const netlink::Link& link) {
  plan::Plan plan;
  netlink::SetLink change{ifname};
  change.mac = link.mac;
  if (link.mac) plan.container(change);
  return plan;
}

void plan_forwarding(plan::Plan& plan, const cni::Result& lease) {
  if (has_family(lease, net::Family::v4)) plan.host(sysctl::ip_forward());
  if (has_family(lease, net::Family::v6)) plan.host(sysctl::ipv6_forwarding());
}

void restore_forwarding(const cni::Request& request) {
  plan::Plan plan;
  plan_forwarding(plan, own_part(require_previous(request), request.ifname));
  plan::Kernel().apply(plan);
}

cni::Interface interface_of(const netlink::Link& link, const std::string& sandbox) {
  return {link.name, link.mac ? link.mac->text() : std::string(), sandbox, 0, {}, {}};
}

}  // namespace attachment

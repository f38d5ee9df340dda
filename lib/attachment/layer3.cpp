#include "lib/attachment/layer3.h"

#include <algorithm>

#include "lib/attachment/chained/previous.h"
#include "lib/plan/kernel.h"

namespace attachment {
namespace {

void plan_ipv6_settings(plan::Plan& plan, const Inside& inside) {
  plan.container(sysctl::enable_ipv6(net::IfName("lo")));
  plan.container(sysctl::enable_ipv6(inside.ifname));
  plan.container(sysctl::keep_addresses_when_down(inside.ifname));
  plan.container(sysctl::duplicate_detection(inside.ifname, inside.detect_duplicates));
  if (inside.detect_duplicates) plan.container(sysctl::enhanced_duplicate_detection(inside.ifname));
}

netlink::NewRoute new_route(const Inside& inside, const cni::Route& route, const cni::Result& lease) {
  netlink::NewRoute change{inside.ifname, inside.index, route.dst};
  change.gateway = route.gw ? route.gw : gateway_of(lease, route.dst.family());
  change.table = static_cast<std::uint32_t>(route.table.value_or(0));
  change.priority = static_cast<std::uint32_t>(route.priority);
  if (route.scope) change.scope = static_cast<std::uint8_t>(*route.scope);
  change.mtu = static_cast<std::uint32_t>(route.mtu);
  change.advmss = static_cast<std::uint32_t>(route.advmss);
  return change;
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

void plan_addresses(plan::Plan& plan, const Inside& inside, const cni::Result& lease) {
  if (has_family(lease, net::Family::v6)) plan_ipv6_settings(plan, inside);
  // The container has its addresses from IPAM: whoever on the network pretends to be a router is not listened to, and
  // least of all where IPv6 was not asked for (CVE-2020-10749).
  plan.container(sysctl::refuse_router_advertisements(inside.ifname));
  plan.container(sysctl::announce_by_arp(inside.ifname));
  for (const cni::Ip& ip : lease.ips) {
    netlink::NewAddress change{inside.ifname, inside.index, ip.address, inside.detect_duplicates};
    change.connected_route = inside.connected_routes;
    plan.container(change);
  }
  plan.container(netlink::SetLink{inside.ifname, true});
}

void plan_routes(plan::Plan& plan, const Inside& inside, const cni::Result& lease) {
  for (const cni::Route& route : lease.routes) plan.container(new_route(inside, route, lease));
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

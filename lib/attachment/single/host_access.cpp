// SPDX-License-Identifier: Apache-2.0
#include "lib/attachment/single/host_access.h"

#include <linux/rtnetlink.h>

#include <algorithm>

#include "lib/attachment/chained/previous.h"
#include "lib/attachment/ready.h"
#include "lib/attachment/single/plan.h"
#include "lib/attachment/veth/pair.h"
#include "lib/cni/error.h"
#include "lib/log/log.h"
#include "lib/netlink/address.h"

namespace attachment {
namespace {

// Packets of an ipvlan container to the host arrive on the parent in mode l2. The route to the container leads to the
// host end, so a strict reverse path filter drops them (ip-sysctl.rst, rp_filter).
void check_reverse_path(const Wanted& wanted, const netlink::LinkRef& parent, cni::Code code) {
  const auto* ipvlan = std::get_if<netlink::Ipvlan>(&wanted.kind);
  if (ipvlan == nullptr || ipvlan->mode != netlink::Ipvlan::Mode::l2) return;
  const std::string key = "net/ipv4/conf/" + parent.name + "/rp_filter";
  const std::string all = sysctl::read("net/ipv4/conf/all/rp_filter").value_or("0");
  if (std::max(all, sysctl::read(key).value_or("0")) != "1") return;
  throw cni::Error(code, "hostAccess: strict reverse path filtering on " + parent.name + " drops packets of containers",
                   "use mode l3 or l3s, or run: sysctl -w " + sysctl::name_of(key) + "=2");
}

const net::Mac* find_mac(const std::vector<netlink::Neighbour>& neighbours, const net::Address& address) {
  for (const netlink::Neighbour& one : neighbours) {
    if (one.address == address) return &one.mac;
  }
  return nullptr;
}

const net::Prefix* find_source(const std::vector<net::Prefix>& addresses, const net::Prefix& container) {
  const auto is_usable = [&](const net::Prefix& one) { return one.family() == container.family(); };
  const auto is_near = [&](const net::Prefix& one) { return is_usable(one) && container.contains(one.address); };
  auto found = std::find_if(addresses.begin(), addresses.end(), is_near);
  if (found == addresses.end()) found = std::find_if(addresses.begin(), addresses.end(), is_usable);
  return found == addresses.end() ? nullptr : &*found;
}

// The host's routes to the container.
void plan_host_routes(plan::Plan& plan, const HostAccess& access, const netlink::Link& host_end,
                      const cni::Result& lease, const std::vector<netlink::Route>& present) {
  const net::IfName name(host_end.name);
  if (has_family(lease, net::Family::v6)) plan.host(sysctl::enable_ipv6(name));
  for (const cni::Ip& ip : lease.ips) {
    const net::Prefix* source = find_source(access.addresses, ip.address);
    if (source == nullptr) {
      logging::warn("hostAccess: the host and " + ip.address.address.text() +
                    " cannot reach each other: the parent link has no address of that family");
      continue;
    }
    netlink::NewRoute route{name, host_end.index, net::Prefix::host(ip.address.address)};
    route.scope = RT_SCOPE_LINK;
    route.source = source->address;
    route.priority = preferred_metric(route.dst, present);
    plan.host(netlink::NewNeighbour{name, host_end.index, ip.address.address, *access.interface.mac});
    plan.host(route);
  }
}

// The container's routes to the host, where its own subnets do not include the host's address.
void plan_container_routes(plan::Plan& plan, const HostAccess& access, const net::Mac& host, const cni::Result& lease) {
  const net::IfName name(access.interface.name);
  for (const net::Prefix& address : access.addresses) {
    if (!has_family(lease, address.family())) continue;
    plan.container(netlink::NewNeighbour{name, access.interface.index, address.address, host});
    const auto contains = [&](const cni::Ip& ip) { return ip.address.contains(address.address); };
    if (std::any_of(lease.ips.begin(), lease.ips.end(), contains)) continue;
    netlink::NewRoute route{name, access.interface.index, net::Prefix::host(address.address)};
    route.scope = RT_SCOPE_LINK;
    plan.container(route);
  }
}

}  // namespace

std::vector<net::Prefix> observe_host_addresses(plan::Kernel& kernel, const Wanted& wanted,
                                                const netlink::LinkRef& parent, cni::Code code) {
  check_reverse_path(wanted, parent, code);
  auto addresses =
      netlink::observe_addresses(kernel.host(), parent.index, std::nullopt, netlink::Scopes::wider_than_link);
  if (!addresses.empty()) return addresses;
  throw cni::Error(code, "hostAccess: " + parent.name + " has no address by which containers can reach the host",
                   "add an address to " + parent.name + ", or choose another \"master\"");
}

plan::Plan plan_host_end(const Wanted& wanted, const net::Owner& owner, const netlink::LinkRef& parent) {
  const net::IfName name = owner.host_end();
  netlink::NewLink link{name, wanted.kind};
  link.parent = parent;
  link.mtu = wanted.mtu.bytes;
  plan::Plan plan;
  plan.host(link);
  netlink::SetLink mark{name};
  mark.alias = owner.unfinished_alias();
  plan.host(mark);
  plan.host(sysctl::refuse_router_advertisements(name));
  plan.host(sysctl::no_link_local(name));
  plan.host(sysctl::answer_no_arp(name));
  plan.host(netlink::SetLink{name, true});
  return plan;
}

cni::Interface connect_to_host(plan::Kernel& kernel, const HostAccess& access, const cni::Result& lease) {
  const logging::Stage stage("host access");
  const net::IfName name = access.owner.host_end();
  const netlink::Link host_end = present(netlink::observe_link(kernel.host(), name), name);
  plan::Plan plan;
  plan_host_routes(plan, access, host_end, lease, observe_routes_to(kernel, lease));
  plan_container_routes(plan, access, *host_end.mac, lease);
  plan::append(plan, plan_finish(access.owner));
  kernel.apply(plan);
  return interface_of(host_end, {});
}

void compare_host_access(plan::Differences& differences, plan::Kernel& kernel, const net::Owner& owner,
                         const netlink::Link& interface, const cni::Result& own) {
  const net::IfName name = owner.host_end();
  const auto host_end = netlink::observe_link(kernel.host(), name);
  differences.expect("link of the host " + name.text(), "up", !host_end ? "absent" : host_end->is_up ? "up" : "down");
  if (!host_end) return;
  std::vector<plan::Differences::ExpectedRoute> routes;
  const auto outside = netlink::observe_permanent_neighbours(kernel.host(), host_end->index);
  for (const net::Prefix& address : addresses_of(own)) {
    const net::Mac* mac = find_mac(outside, address.address);
    if (mac == nullptr) continue;  // ADD found no address of that family on the parent
    routes.push_back({net::Prefix::host(address.address), {}});
    differences.expect("neighbour " + address.address.text() + " of " + name.text(), interface.mac->text(),
                       mac->text());
  }
  if (routes.empty()) differences.add("neighbours of " + name.text() + ": not found");
  differences.expect_routes(name.text(), routes, netlink::observe_routes(kernel.host(), {host_end->index}));
  const auto inside = netlink::observe_permanent_neighbours(kernel.container(), interface.index);
  const auto is_host = [&](const netlink::Neighbour& one) { return one.mac == host_end->mac; };
  if (std::none_of(inside.begin(), inside.end(), is_host)) {
    differences.add("neighbours of " + interface.name + ": the host's MAC address " + host_end->mac->text() +
                    " not found");
  }
}

bool remove_host_end(plan::Kernel& kernel, const net::Owner& owner) {
  const auto host_end = netlink::observe_link(kernel.host(), owner.host_end());
  if (!host_end || (!is_own(*host_end, owner) && !host_end->alias.empty())) return false;
  plan::Plan plan;
  plan.host(netlink::DeleteLink{owner.host_end(), host_end->index});
  kernel.apply(plan);
  return true;
}

}  // namespace attachment

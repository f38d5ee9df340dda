// SPDX-License-Identifier: Apache-2.0
#include "plugins/ptp/plan.h"

#include <linux/rtnetlink.h>

#include <algorithm>

namespace ptp {
namespace {

bool is_one_address(const net::Prefix& prefix) { return prefix.length == net::bits(prefix.family()); }

netlink::NewRoute new_route(const Config& config, const Links& links, const Way& way) {
  netlink::NewRoute route{config.ifname, links.container_end.index, way.dst, way.gateway};
  route.source = way.source;
  if (!way.gateway) route.scope = RT_SCOPE_LINK;
  return route;
}

}  // namespace

plan::Plan plan_pair(const Config& config, const attachment::Pair& seen, int netns, const std::string& netns_path) {
  attachment::check_names(config.owner, seen);
  plan::Plan plan;
  const net::IfName host_end = config.owner.host_end();
  if (seen.host_end) plan.host(netlink::DeleteLink{host_end});
  netlink::NewLink pair{host_end, netlink::Veth{config.ifname, netns, netns_path}};
  pair.mtu = config.mtu;
  plan.host(pair);
  netlink::SetLink mark{host_end};
  mark.alias = config.owner.unfinished_alias();
  plan.host(mark);
  plan.host(sysctl::refuse_router_advertisements(host_end));  // CVE-2020-10749: before the first can come
  // Nobody else is on the link to have the host's address on it, and the host asks for the container's MAC from there.
  plan.host(sysctl::duplicate_detection(host_end, false));
  plan.host(netlink::SetLink{host_end, true});
  return plan;
}

cni::Result complete(cni::Result lease) {
  constexpr std::int64_t kContainerEnd = 1;  // host end, container end: their places in the result
  for (cni::Ip& ip : lease.ips) {
    ip.interface = kContainerEnd;
    if (ip.gateway) continue;
    throw cni::Error(cni::kBadConfiguration, "IPAM plugin gave " + ip.address.text() + " no gateway",
                     "ptp needs one for each address; name it in the ipam configuration, with the key \"gateway\"");
  }
  return attachment::without_unusable_routes(std::move(lease));
}

// First the gateways, so that they can be gateways.
std::vector<Way> ways(const cni::Result& lease) {
  std::vector<Way> result;
  const auto add = [&result](const Way& way) {
    const bool is_new = std::none_of(result.begin(), result.end(), [&](const Way& one) { return one.dst == way.dst; });
    if (is_new) result.push_back(way);
  };
  for (const cni::Ip& ip : lease.ips) {
    if (ip.gateway) add({net::Prefix::host(*ip.gateway), std::nullopt, ip.address.address});
  }
  for (const cni::Ip& ip : lease.ips) {
    const net::Prefix network = ip.address.network();
    if (!is_one_address(network)) add({network, ip.gateway, ip.address.address});  // an address alone has no neighbours
  }
  return result;
}

std::vector<net::Address> gateways(const cni::Result& lease) {
  std::vector<net::Address> result;
  for (const cni::Ip& ip : lease.ips) {
    if (ip.gateway && std::find(result.begin(), result.end(), *ip.gateway) == result.end()) {
      result.push_back(*ip.gateway);
    }
  }
  return result;
}

plan::Plan plan_container(const Config& config, const Links& links, const cni::Result& lease,
                          const std::vector<netlink::Route>& rivals) {
  plan::Plan plan;
  attachment::Inside inside{config.ifname, links.container_end.index};
  inside.connected_routes = false;
  attachment::plan_addresses(plan, inside, lease);
  for (const Way& way : ways(lease)) plan.container(new_route(config, links, way));
  attachment::plan_routes(plan, inside, lease, rivals);
  return plan;
}

plan::Plan plan_host(const Config& config, const Links& links, const cni::Result& lease,
                     const std::vector<netlink::Route>& present) {
  plan::Plan plan;
  attachment::plan_forwarding(plan, lease);
  const net::IfName host_end = config.owner.host_end();
  for (const net::Address& gateway : gateways(lease)) {
    plan.host(netlink::NewAddress{host_end, links.host_end.index, net::Prefix::host(gateway), false, true});
  }
  for (const cni::Ip& ip : lease.ips) {
    netlink::NewRoute route{host_end, links.host_end.index, net::Prefix::host(ip.address.address)};
    route.scope = RT_SCOPE_HOST;
    route.priority = attachment::preferred_metric(route.dst, present);
    plan.host(route);
  }
  return plan;
}

}  // namespace ptp

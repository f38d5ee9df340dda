// SPDX-License-Identifier: Apache-2.0
#include "plugins/ptp/plan.h"

#include <linux/rtnetlink.h>

#include <algorithm>

namespace ptp {
namespace {

bool is_one_address(const net::Prefix& prefix) { return prefix.length == net::bits(prefix.family()); }

netlink::NewRoute new_route(const Config& config, const Links& links, const Route& base) {
  netlink::NewRoute route{config.ifname, links.container_end.index, base.dst, base.gateway};
  route.source = base.source;
  if (!base.gateway) route.scope = RT_SCOPE_LINK;
  return route;
}

}  // namespace

plan::Plan plan_pair(const Config& config, const attachment::Pair& seen, int netns, const std::string& netns_path) {
  attachment::check_names(config.owner, seen);
  plan::Plan plan;
  const net::IfName host_end = config.owner.host_end();
  if (seen.host_end) plan.host(netlink::DeleteLink{host_end});
  netlink::NewLink pair{host_end, netlink::Veth{config.ifname, netns, netns_path}};
  pair.mtu = config.mtu.bytes;
  pair.tx_queues = std::max(config.queues, 1U);
  pair.rx_queues = config.queues;
  plan.host(pair);
  netlink::SetLink mark{host_end};
  mark.alias = config.owner.unfinished_alias();
  plan.host(mark);
  plan.host(sysctl::refuse_router_advertisements(host_end));  // CVE-2020-10749: before the first one can arrive
  // No other host on the link can have the host's address. The host solicits the container's MAC address from it.
  plan.host(sysctl::duplicate_detection(host_end, false));
  plan.host(netlink::SetLink{host_end, true});
  return plan;
}

cni::Result complete(cni::Result lease) {
  constexpr std::int64_t kContainerEnd = 1;  // index in the result: host end, container end
  for (cni::Ip& ip : lease.ips) {
    ip.interface = kContainerEnd;
    if (ip.gateway) continue;
    throw cni::Error(cni::kBadConfiguration, "IPAM plugin returned no gateway for " + ip.address.text(),
                     "ptp needs a gateway for each address; set \"gateway\" in the ipam configuration");
  }
  return attachment::without_unusable_routes(std::move(lease));
}

// The gateways first: the kernel accepts a route only if its gateway is reachable.
std::vector<Route> base_routes(const cni::Result& lease) {
  std::vector<Route> result;
  const auto add = [&result](const Route& base) {
    const bool is_new =
        std::none_of(result.begin(), result.end(), [&](const Route& one) { return one.dst == base.dst; });
    if (is_new) result.push_back(base);
  };
  for (const cni::Ip& ip : lease.ips) {
    if (ip.gateway) add({net::Prefix::host(*ip.gateway), std::nullopt, ip.address.address});
  }
  for (const cni::Ip& ip : lease.ips) {
    const net::Prefix network = ip.address.network();
    if (!is_one_address(network)) add({network, ip.gateway, ip.address.address});  // a single address has no network
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
  for (const Route& base : base_routes(lease)) plan.container(new_route(config, links, base));
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

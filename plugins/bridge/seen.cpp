// SPDX-License-Identifier: Apache-2.0
#include "plugins/bridge/seen.h"

#include <linux/rtnetlink.h>

#include <algorithm>

#include "lib/attachment/ready.h"
#include "lib/netlink/route.h"
#include "plugins/bridge/plan.h"

namespace bridge {
namespace {

// An administrator's bridge: accept_ra is 2, or a router on it gave the host a route. Our own bridges have accept_ra 0.
bool takes_advertisements(plan::Kernel& kernel, const netlink::Link& bridge,
                          const std::vector<net::Prefix>& addresses) {
  const bool has_ipv6 = std::any_of(addresses.begin(), addresses.end(), [](const net::Prefix& address) {
    return address.family() == net::Family::v6 && !is_link_local(address);
  });
  if (!has_ipv6) return false;
  const auto value = sysctl::read(sysctl::refuse_router_advertisements(net::IfName(bridge.name)).key);
  if (value != "1") return value == "2";
  const std::vector<netlink::Route> routes = netlink::observe_routes(kernel.host(), {bridge.index});
  return std::any_of(routes.begin(), routes.end(),
                     [](const netlink::Route& route) { return route.protocol == RTPROT_RA; });
}

}  // namespace

Seen observe(plan::Kernel& kernel, const Config& config) {
  Seen seen;
  static_cast<attachment::Pair&>(seen) = attachment::observe_pair(kernel, config.owner);
  seen.bridge = netlink::observe_bridge(kernel.host(), config.bridge);
  if (seen.bridge) seen.bridge_addresses = netlink::observe_addresses(kernel.host(), seen.bridge->index);
  if (seen.bridge) seen.takes_advertisements = takes_advertisements(kernel, *seen.bridge, seen.bridge_addresses);
  if (!config.vlan_gateway) return seen;
  seen.gateway = netlink::observe_link(kernel.host(), *config.vlan_gateway);
  if (seen.gateway) seen.gateway_addresses = netlink::observe_addresses(kernel.host(), seen.gateway->index);
  return seen;
}

Links observe_links(plan::Kernel& kernel, const Config& config) {
  return {attachment::present(netlink::observe_bridge(kernel.host(), config.bridge), config.bridge),
          attachment::present(netlink::observe_link(kernel.host(), config.owner.host_end()), config.owner.host_end()),
          attachment::present(netlink::observe_link(kernel.container(), config.ifname), config.ifname)};
}

Seen observe_all(plan::Kernel& kernel, const Config& config) {
  Seen seen = observe(kernel, config);
  if (seen.bridge) seen.ports = netlink::observe_links(kernel.host(), seen.bridge->index);
  if (seen.bridge && seen.bridge->filters_vlans) seen.vlans = netlink::observe_vlans(kernel.host());
  return seen;
}

}  // namespace bridge

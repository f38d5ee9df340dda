#include "plugins/bridge/seen.h"

#include "lib/attachment/ready.h"

namespace bridge {
Seen observe(plan::Kernel& kernel, const Config& config) {
  Seen seen;
  static_cast<attachment::Pair&>(seen) = attachment::observe_pair(kernel, config.owner);
  seen.bridge = netlink::observe_bridge(kernel.host(), config.bridge);
  if (seen.bridge) seen.bridge_addresses = netlink::observe_addresses(kernel.host(), seen.bridge->index);
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

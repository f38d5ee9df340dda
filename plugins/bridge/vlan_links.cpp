// SPDX-License-Identifier: Apache-2.0
#include "plugins/bridge/vlan_links.h"

#include <unistd.h>

#include <cerrno>

#include "lib/attachment/chained/previous.h"
#include "lib/attachment/check.h"
#include "lib/attachment/ready.h"
#include "plugins/bridge/vlan.h"

namespace bridge {
namespace {

constexpr const char* kNeeded = "vlan and vlanTrunk need a kernel with CONFIG_BRIDGE_VLAN_FILTERING";

// The gateway's peer, if it is on the host.
std::optional<netlink::Link> observe_gateway_port(plan::Kernel& kernel, const netlink::Link& gateway) {
  if (gateway.kind != "veth" || gateway.peer == 0) return std::nullopt;
  return netlink::observe_link(kernel.host(), gateway.peer);
}

void compare_port(plan::Differences& differences, plan::Kernel& kernel, const Vlans& vlans, const netlink::Link& port,
                  const std::vector<netlink::PortVlan>& wanted) {
  const std::vector<netlink::PortVlan> found = netlink::observe_vlans(kernel.host(), port.index);
  if (!plan_vlans(vlans, port, wanted, found).empty()) {
    differences.expect("VLANs of port " + port.name, netlink::text(wanted), netlink::text(found));
  }
}

}  // namespace

void join_vlans(plan::Kernel& kernel, const Config& config, Links& links) {
  if (!config.vlans.are_configured) return;
  kernel.apply(plan_container_vlans(config, links, netlink::observe_vlans(kernel.host(), links.host_end.index)));
  links.bridge.filters_vlans = true;
}

netlink::Link ensure_vlan_gateway(plan::Kernel& kernel, const Config& config, const Links& links) {
  const net::IfName& name = config.vlan_gateway.value();
  auto gateway = netlink::observe_link(kernel.host(), name);
  if (!gateway) {
    kernel.apply(plan_new_gateway(config, links.bridge));
    gateway = attachment::present(netlink::observe_link(kernel.host(), name), name);
  }
  const auto port = observe_gateway_port(kernel, *gateway);
  std::vector<netlink::PortVlan> vlans;
  if (port) vlans = netlink::observe_vlans(kernel.host(), port->index);
  kernel.apply(plan_gateway_port(config, links.bridge, *gateway, port, vlans));
  return *gateway;
}

void explain_missing_vlans(plan::Kernel& kernel, const Config& config, const std::system_error& error) {
  if (!config.vlans.are_configured || error.code().value() != EOPNOTSUPP) return;
  if (netlink::can_filter_vlans(kernel.host())) return;
  throw cni::Error(cni::kInternal, std::string(error.what()) + ": this kernel cannot filter VLANs", kNeeded);
}

void compare_vlans(plan::Differences& differences, plan::Kernel& kernel, const Config& config, const Seen& seen) {
  if (!config.vlans.are_configured) return;
  if (seen.bridge && !seen.bridge->filters_vlans) {
    differences.expect("bridge " + config.bridge.text() + " VLAN filtering", "on", "off");
  }
  const auto& port = seen.host_end ? seen.host_end : seen.container_peer;
  if (port) compare_port(differences, kernel, config.vlans, *port, container_vlans(config.vlans));
}

void compare_vlan_gateway(plan::Differences& differences, plan::Kernel& kernel, const Config& config, const Seen& seen,
                          const cni::Result& previous) {
  const std::string what = "VLAN gateway " + config.vlan_gateway.value().text();
  if (!seen.gateway) return differences.add(what + ": not found");
  attachment::compare_mac(differences, what, attachment::find_interface(previous, seen.gateway->name, false),
                          *seen.gateway);
  if (!seen.gateway->is_up) differences.expect(what, "up", "down");
  if (seen.gateway->kind != "veth") return;
  const auto port = observe_gateway_port(kernel, *seen.gateway);
  const bool is_port = port && port->peer == seen.gateway->index && seen.bridge && port->master == seen.bridge->index;
  if (!is_port) return differences.expect(what, "peer of a port of " + config.bridge.text(), "no such peer");
  if (!port->is_up) differences.expect("port " + port->name, "up", "down");
  compare_port(differences, kernel, config.vlans, *port, gateway_vlans(config.vlans));
}

void check_vlans(plan::Kernel& kernel, const Config& config, bool has_bridge) {
  if (!config.vlans.are_configured || netlink::can_filter_vlans(kernel.host())) return;
  // The bridge module answers this. It is loaded with the first bridge.
  if (!has_bridge && ::access("/sys/module/bridge", F_OK) != 0) return;
  throw cni::Error(cni::kNotAvailable, "this kernel cannot filter VLANs", kNeeded);
}

}  // namespace bridge

// SPDX-License-Identifier: Apache-2.0
#include "plugins/bridge/check.h"

#include "lib/attachment/chained/previous.h"
#include "lib/attachment/check.h"
#include "lib/attachment/layer3.h"
#include "plugins/bridge/plan.h"
#include "plugins/bridge/seen.h"
#include "plugins/bridge/spoof.h"
#include "plugins/bridge/vlan_links.h"

namespace bridge {
namespace {

void compare_bridge(plan::Differences& differences, const Config& config, const Seen& seen,
                    const cni::Result& previous) {
  const std::string what = "bridge " + config.bridge.text();
  if (!seen.bridge) return differences.add(what + ": not found");
  differences.expect(what, "a bridge", seen.bridge->kind == "bridge" ? "a bridge" : "a " + seen.bridge->kind);
  attachment::compare_mac(differences, what, attachment::find_interface(previous, config.bridge.text(), false),
                          *seen.bridge);
  if (config.promiscuous && !seen.bridge->is_promiscuous) differences.expect(what, "promiscuous mode", "none");
  if (!seen.bridge->is_up) differences.expect(what, "up", "down");
}

void compare_host_end(plan::Differences& differences, const Config& config, const Seen& seen) {
  const auto host_end = attachment::compare_host_end(
      differences, seen, "CNI veth created for bridge " + config.bridge.text() + " was not found");
  if (!host_end) return;
  const std::string what = "host interface " + host_end->name;
  const bool is_port = seen.bridge && host_end->master == seen.bridge->index;
  differences.expect(
      what, "port of " + config.bridge.text(),
      is_port ? "port of " + config.bridge.text() : (host_end->master == 0 ? "no bridge" : "another bridge"));
  if (host_end->is_hairpin != config.hairpin) {
    differences.expect(what + " hairpin", config.hairpin ? "on" : "off", host_end->is_hairpin ? "on" : "off");
  }
  if (host_end->is_isolated != config.port_isolation) {
    differences.expect(what + " isolated", config.port_isolation ? "on" : "off", host_end->is_isolated ? "on" : "off");
  }
}

void compare_gateway(plan::Differences& differences, const Config& config, const Seen& seen, const cni::Result& own) {
  const net::IfName& gateway_link = config.vlan_gateway ? *config.vlan_gateway : config.bridge;
  differences.expect_addresses(gateway_link.text(), gateway_addresses(own),
                               config.vlan_gateway ? seen.gateway_addresses : seen.bridge_addresses);
  attachment::compare_forwarding(differences, own);
}

}  // namespace

plan::Differences compare(plan::Kernel& kernel, const Config& config, const cni::Result& previous) {
  const Seen seen = observe(kernel, config);
  const std::string ifname = config.ifname.text();
  plan::Differences differences;
  compare_bridge(differences, config, seen, previous);
  attachment::compare_interface(differences, {ifname, "veth", !config.leave_interface_down}, seen.container_end,
                                previous);
  compare_host_end(differences, config, seen);
  compare_vlans(differences, kernel, config, seen);
  if (seen.host_end) compare_checks(differences, kernel, config, previous);
  if (!config.has_ipam) return differences;
  if (seen.container_end) attachment::compare_layer3(differences, kernel, *seen.container_end, previous);
  const cni::Result own = attachment::own_part(previous, ifname);
  if (config.vlan_gateway) compare_vlan_gateway(differences, kernel, config, seen, previous);
  if (config.is_gateway) compare_gateway(differences, config, seen, own);
  // If the reference created the attachment, our table contains nothing, and its masquerading is not checked.
  if (config.ip_masq && seen.host_end) {
    attachment::compare_masquerade(differences, kernel, config.owner, attachment::addresses_of(own),
                                   config.masquerading);
  }
  return differences;
}

}  // namespace bridge

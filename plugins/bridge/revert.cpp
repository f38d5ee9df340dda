// SPDX-License-Identifier: Apache-2.0
#include "plugins/bridge/revert.h"

#include <algorithm>

#include "plugins/bridge/plan.h"
#include "plugins/bridge/vlan.h"

namespace bridge {
namespace {

using netlink::PortVlan;

bool contains(const std::vector<net::Prefix>& prefixes, const net::Prefix& wanted) {
  return std::find(prefixes.begin(), prefixes.end(), wanted) != prefixes.end();
}

bool is_of_network(const netlink::Link& port, const std::string& network) {
  const auto alias = net::Owner::parse_alias(port.alias);
  return alias && alias->owner.network == network;
}

// The bridge's ports without this attachment's port and without the VLAN gateway's.
std::vector<netlink::Link> other_ports(const Config& config, const Seen& now) {
  std::vector<netlink::Link> others = now.ports;
  std::erase_if(others, [&](const netlink::Link& port) {
    const bool is_gateway_port = now.gateway && now.gateway->kind == "veth" && now.gateway->peer == port.index;
    return is_gateway_port || port.name == config.owner.host_end().text();
  });
  return others;
}

bool is_in_use(const Config& config, const std::vector<netlink::Link>& others) {
  return std::any_of(others.begin(), others.end(),
                     [&](const netlink::Link& port) { return is_of_network(port, config.owner.network); });
}

std::vector<PortVlan> vlans_of(const Seen& now, const netlink::Link& port) {
  const auto vlans = now.vlans.find(port.index);
  return vlans == now.vlans.end() ? std::vector<PortVlan>() : vlans->second;
}

bool is_in(const std::vector<PortVlan>& vlans, net::VlanId id) {
  return std::any_of(vlans.begin(), vlans.end(), [&](const PortVlan& vlan) { return vlan.ids.contains(id); });
}

// A link's addresses before ADD and now.
struct Addresses {
  const netlink::Link& link;  // as it is now
  const std::vector<net::Prefix>& before;
  const std::vector<net::Prefix>& now;
  bool goes_down = false;  // the kernel deletes IPv6 addresses of a link that goes down
};

void plan_restore_addresses(plan::Plan& plan, const Addresses& addresses) {
  const net::IfName name(addresses.link.name);
  for (const net::Prefix& address : addresses.now) {
    if (is_link_local(address) || contains(addresses.before, address)) continue;
    plan.host(netlink::DeleteAddress{name, addresses.link.index, address});
  }
  for (const net::Prefix& address : addresses.before) {
    const bool is_lost = addresses.goes_down && !address.address.is_v4();
    if (is_link_local(address) || (contains(addresses.now, address) && !is_lost)) continue;
    plan.host(netlink::NewAddress{name, addresses.link.index, address, false, true});
  }
}

// Keeps filtering if other ports have VLANs, possibly those of another network.
void plan_restore_filtering(plan::Plan& plan, const Config& config, const Seen& before, const Seen& now) {
  if (!config.vlans.are_configured || before.bridge->filters_vlans || !now.bridge->filters_vlans) return;
  const std::vector<netlink::Link> others = other_ports(config, now);
  const bool has_vlans = std::any_of(others.begin(), others.end(), [&](const netlink::Link& port) {
    return vlans_of(now, port) != vlans_of_new_port(*now.bridge);
  });
  if (!has_vlans) plan.host(netlink::SetVlanFiltering{config.bridge, false});
}

}  // namespace

plan::Plan plan_revert_bridge(const Config& config, const Seen& before, const Seen& now) {
  plan::Plan plan;
  const std::vector<netlink::Link> others = other_ports(config, now);
  if (!now.bridge || (!before.bridge && !others.empty()) || is_in_use(config, others)) return plan;
  if (!before.bridge) {
    plan.host(netlink::DeleteLink{config.bridge, now.bridge->index});
    return plan;
  }
  plan_restore_filtering(plan, config, before, now);
  netlink::SetLink change{config.bridge};
  if (before.bridge->mac != now.bridge->mac) change.mac = before.bridge->mac;
  if (before.bridge->is_up != now.bridge->is_up) change.up = before.bridge->is_up;
  if (before.bridge->is_promiscuous != now.bridge->is_promiscuous) change.promiscuous = before.bridge->is_promiscuous;
  if (change.mac || change.up || change.promiscuous) plan.host(change);
  plan_restore_addresses(plan, {*now.bridge, before.bridge_addresses, now.bridge_addresses, change.up == false});
  return plan;
}

plan::Plan plan_revert_gateway(const Config& config, const Seen& before, const Seen& now) {
  plan::Plan plan;
  if (!config.vlan_gateway || !now.gateway) return plan;
  const std::vector<netlink::Link> others = other_ports(config, now);
  if (!before.gateway) {
    const bool is_used = std::any_of(others.begin(), others.end(), [&](const netlink::Link& port) {
      return is_in(vlans_of(now, port), *config.vlans.own);
    });
    if (!is_used) plan.host(netlink::DeleteLink{*config.vlan_gateway, now.gateway->index});
    return plan;
  }
  if (is_in_use(config, others)) return plan;
  const bool goes_down = !before.gateway->is_up && now.gateway->is_up;
  if (goes_down) plan.host(netlink::SetLink{*config.vlan_gateway, false});
  plan_restore_addresses(plan, {*now.gateway, before.gateway_addresses, now.gateway_addresses, goes_down});
  return plan;
}

}  // namespace bridge

// SPDX-License-Identifier: Apache-2.0
#include "plugins/bridge/vlan.h"

#include <algorithm>
#include <array>
#include <cstdio>

#include "lib/cni/error.h"

namespace bridge {
namespace {

using netlink::PortVlan;

PortVlan untagged(net::VlanId id) { return {{id, id}, true, true}; }

// The VLANs of `vlans` that are not in `others`. by_flags: or that have other flags there.
std::vector<PortVlan> without(const std::vector<PortVlan>& vlans, const std::vector<PortVlan>& others, bool by_flags) {
  std::vector<PortVlan> result;
  for (PortVlan one : vlans) {
    for (int id = one.ids.first.value(), last = one.ids.last.value(); id <= last; ++id) {
      one.ids.first = one.ids.last = *net::VlanId::from(id);
      const bool is_there = std::any_of(others.begin(), others.end(), [&](const PortVlan& other) {
        const bool has_same_flags = one.is_pvid == other.is_pvid && one.is_untagged == other.is_untagged;
        return other.ids.contains(one.ids.first) && (has_same_flags || !by_flags);
      });
      if (!is_there) result.push_back(one);
    }
  }
  return netlink::normalized(result);
}

net::IfName gateway_port_name(const netlink::Link& bridge, net::VlanId vlan) {
  std::array<char, 16> name{};
  std::snprintf(name.data(), name.size(), "vlgw%08x%03x", bridge.index, vlan.value() & 0xfffU);
  return net::IfName(name.data());
}

}  // namespace

std::vector<PortVlan> container_vlans(const Vlans& vlans) {
  std::vector<PortVlan> result;
  if (vlans.own) result.push_back(untagged(*vlans.own));
  if (!vlans.own && !vlans.trunk.empty()) result.push_back(untagged(net::VlanId::of_new_port()));
  for (const net::VlanRange& range : vlans.trunk) result.push_back({range});
  return netlink::normalized(result);
}

std::vector<PortVlan> gateway_vlans(const Vlans& vlans) {
  return vlans.own ? std::vector{untagged(*vlans.own)} : std::vector<PortVlan>();
}

std::vector<PortVlan> vlans_of_new_port(const netlink::Bridge& bridge) {
  const auto id = net::VlanId::from(bridge.default_vlan);
  return id ? std::vector{untagged(*id)} : std::vector<PortVlan>();
}

plan::Plan plan_vlans(const Vlans& vlans, const netlink::Link& port, const std::vector<PortVlan>& wanted,
                      const std::vector<PortVlan>& found) {
  plan::Plan plan;
  if (wanted.empty()) return plan;
  const net::IfName name(port.name);
  const std::vector<PortVlan> surplus = without(found, wanted, false);
  if (!surplus.empty() && !vlans.preserves_default) {
    plan.host(netlink::DeleteVlans{name, port.index, surplus});
  }
  const std::vector<PortVlan> missing = without(wanted, found, true);
  if (!missing.empty()) plan.host(netlink::AddVlans{name, port.index, missing});
  return plan;
}

plan::Plan plan_container_vlans(const Config& config, const Links& links, const std::vector<PortVlan>& found) {
  plan::Plan plan = plan_vlans(config.vlans, links.host_end, container_vlans(config.vlans), found);
  if (!links.bridge.filters_vlans) plan.host(netlink::SetVlanFiltering{config.bridge});
  return plan;
}

plan::Plan plan_new_gateway(const Config& config, const netlink::Link& bridge) {
  const net::IfName& gateway = config.vlan_gateway.value();
  netlink::NewLink pair{gateway_port_name(bridge, *config.vlans.own), netlink::Veth{gateway}};
  pair.master = {bridge.index, bridge.name};
  pair.mtu = bridge.mtu;
  pair.tx_queues = 1;
  pair.is_up = true;
  pair.may_exist = true;
  plan::Plan plan;
  plan.host(pair);
  plan.host(sysctl::refuse_router_advertisements(pair.name));
  return plan;
}

plan::Plan plan_gateway_port(const Config& config, const netlink::BridgeLink& bridge, const netlink::Link& gateway,
                             const std::optional<netlink::Link>& port, const std::vector<PortVlan>& found) {
  plan::Plan plan;
  const net::IfName name(gateway.name);
  if (gateway.kind == "veth") {
    const bool are_peers = port && port->kind == "veth" && port->peer == gateway.index;
    if (!are_peers || (port->master != 0 && port->master != bridge.index)) {
      throw cni::Error(cni::kInternal,
                       "failed to create vlan interface: \"" + gateway.name +
                           "\" already exists but its peer is not a port of " + bridge.name,
                       "delete it with: ip link delete " + gateway.name + ", or set \"bridge\" to another name");
    }
    // The bridge was deleted and created again.
    if (port->master == 0) plan.host(netlink::SetMaster{net::IfName(port->name), bridge.index, bridge.name});
    if (!port->is_up) plan.host(netlink::SetLink{net::IfName(port->name), true});
    // A port that joins a bridge has the default VLAN again.
    plan::append(plan, plan_vlans(config.vlans, *port, gateway_vlans(config.vlans),
                                  port->master == 0 ? vlans_of_new_port(bridge) : found));
  }
  plan.host(sysctl::refuse_router_advertisements(name));  // CVE-2020-10749, also for an operator's link
  if (gateway.is_up) return plan;
  plan.host(sysctl::duplicate_detection(name, false));  // as on a new bridge
  plan.host(netlink::SetLink{name, true});
  return plan;
}

}  // namespace bridge

// SPDX-License-Identifier: Apache-2.0
// VLANs on the bridge: what the ports carry, and the link that is a VLAN's gateway; planned from values alone.
//
// The gateway's link is one end of a veth pair that lives on the host; the other end is a port of the bridge in this VLAN
// alone. As in the reference it stays when the last container of the VLAN goes, like the bridge and for the same reason: the
// host's address, and with it routes and neighbours, are those that the next container finds. A link of that name which is
// no veth pair is an operator's, a VLAN device on the bridge as it may be, and is used as it is.
#pragma once

#include <vector>

#include "lib/plan/plan.h"
#include "plugins/bridge/config.h"
#include "plugins/bridge/seen.h"

namespace bridge {

// What the container's port carries, normal. A trunk without a VLAN of its own has VLAN 1 without a tag, as in the reference;
// a VLAN that is both the own one and in the trunk goes without a tag. (In the reference the trunk's entry undoes the own one.)
std::vector<netlink::PortVlan> container_vlans(const Vlans& vlans);
std::vector<netlink::PortVlan> gateway_vlans(const Vlans& vlans);

// What every port of that bridge carries at first.
std::vector<netlink::PortVlan> vlans_of_new_port(const netlink::Bridge& bridge);

// The port gets `wanted`; what else is on it goes, unless the default VLAN is to be kept.
plan::Plan plan_vlans(const Vlans& vlans, const netlink::Link& port, const std::vector<netlink::PortVlan>& wanted,
                      const std::vector<netlink::PortVlan>& found);

// The container's port, and the bridge filters: also one that did not, which the reference leaves as it is.
plan::Plan plan_container_vlans(const Config& config, const Links& links, const std::vector<netlink::PortVlan>& found);

// The pair of the gateway. Its other end is named by the bridge's index, so that two that make it at once make one.
plan::Plan plan_new_gateway(const Config& config, const netlink::Link& bridge);

// The gateway's link is up, its other end a port in its VLAN: `port` is that end, if it is on the host. Throws cni::Error when
// the link is a veth pair that leads elsewhere.
plan::Plan plan_gateway_port(const Config& config, const netlink::BridgeLink& bridge, const netlink::Link& gateway,
                             const std::optional<netlink::Link>& port, const std::vector<netlink::PortVlan>& found);

}  // namespace bridge

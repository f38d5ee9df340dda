// SPDX-License-Identifier: Apache-2.0
// Plans for VLANs on the bridge: the VLANs of the ports, and the VLAN gateway. Computed from values only.
//
// The VLAN gateway is one end of a veth pair on the host. The other end is a bridge port in this VLAN only. As in the
// reference, the pair stays when the last container of the VLAN leaves, as the bridge does: the next container finds
// the host's address, routes and neighbours unchanged. A link with this name that is not a veth belongs to an operator,
// for example a VLAN device on the bridge, and is used as it is.
#pragma once

#include <vector>

#include "lib/plan/plan.h"
#include "plugins/bridge/config.h"
#include "plugins/bridge/seen.h"

namespace bridge {

// The VLANs of the container's port, normalised. A trunk without its own VLAN has VLAN 1 untagged, as in the reference.
// A VLAN that is both the own one and in the trunk is untagged. (In the reference, the trunk's entry overrides the own
// one.)
std::vector<netlink::PortVlan> container_vlans(const Vlans& vlans);
std::vector<netlink::PortVlan> gateway_vlans(const Vlans& vlans);

// The initial VLANs of a new port of that bridge.
std::vector<netlink::PortVlan> vlans_of_new_port(const netlink::Bridge& bridge);

// Changes the port's VLANs to `wanted`. Other VLANs are deleted unless the default VLAN is preserved.
plan::Plan plan_vlans(const Vlans& vlans, const netlink::Link& port, const std::vector<netlink::PortVlan>& wanted,
                      const std::vector<netlink::PortVlan>& found);

// The VLANs of the container's port. Turns on VLAN filtering, also on an existing bridge (which the reference does
// not).
plan::Plan plan_container_vlans(const Config& config, const Links& links, const std::vector<netlink::PortVlan>& found);

// Creates the VLAN gateway's pair. The port is named by the bridge's index, so that concurrent ADDs create the same
// pair.
plan::Plan plan_new_gateway(const Config& config, const netlink::Link& bridge);

// Brings the VLAN gateway up and its port into its VLAN. `port`: the gateway's peer, if it is on the host. Throws
// cni::Error if the gateway is a veth whose peer is not a port of this bridge.
plan::Plan plan_gateway_port(const Config& config, const netlink::BridgeLink& bridge, const netlink::Link& gateway,
                             const std::optional<netlink::Link>& port, const std::vector<netlink::PortVlan>& found);

}  // namespace bridge

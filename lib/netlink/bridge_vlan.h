// SPDX-License-Identifier: Apache-2.0
// VLANs of bridge ports (bridge(8), "bridge vlan"; linux/if_bridge.h). A kernel without CONFIG_BRIDGE_VLAN_FILTERING
// returns EOPNOTSUPP to all of these.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "lib/net/ifname.h"
#include "lib/net/vlan.h"
#include "lib/netlink/socket.h"

namespace netlink {

// A VLAN or range of VLANs on a port. An entry with pvid or untagged is a single VLAN.
struct PortVlan {
  net::VlanRange ids{net::VlanId::of_new_port(), net::VlanId::of_new_port()};
  bool is_pvid = false;      // untagged ingress frames belong to it
  bool is_untagged = false;  // egress frames have no tag
  friend bool operator==(const PortVlan&, const PortVlan&) = default;
};
std::string text(const PortVlan& vlan);                // "100 pvid untagged", "200-299"
std::string text(const std::vector<PortVlan>& vlans);  // "100 pvid untagged, 200-299"; "none"

// The same VLANs in canonical form: ascending order, adjacent VLANs with equal flags merged. If a VLAN occurs twice,
// its first entry counts. Equivalent lists become equal.
std::vector<PortVlan> normalized(const std::vector<PortVlan>& vlans);

// The port's VLANs in canonical form, at a cost that does not grow with the number of ports. Empty if the link is gone
// or is not a port, or if the kernel cannot filter VLANs.
std::vector<PortVlan> observe_vlans(Socket& socket, std::uint32_t index);

// The VLANs of all ports and bridges in the namespace, by index.
std::map<std::uint32_t, std::vector<PortVlan>> observe_vlans(Socket& socket);

// True if the kernel can filter VLANs. Before the first bridge exists the module may not be loaded: then it is false.
bool can_filter_vlans(Socket& socket);

// Adds all VLANs in one message. A VLAN that exists gets these flags.
struct AddVlans {
  net::IfName port;
  std::uint32_t index = 0;
  std::vector<PortVlan> vlans;
};
Request request(const AddVlans& change);
std::string text(const AddVlans& change);

// Deletes all VLANs in one message. A VLAN or a port that does not exist is no error.
struct DeleteVlans {
  net::IfName port;
  std::uint32_t index = 0;
  std::vector<PortVlan> vlans;  // their flags do not matter
};
Request request(const DeleteVlans& change);
std::string text(const DeleteVlans& change);

// Enables or disables VLAN filtering. Without it every port receives the frames of all VLANs.
struct SetVlanFiltering {
  net::IfName bridge;
  bool on = true;
};
Request request(const SetVlanFiltering& change);
std::string text(const SetVlanFiltering& change);

}  // namespace netlink

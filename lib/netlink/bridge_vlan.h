// SPDX-License-Identifier: Apache-2.0
// VLANs on the ports of a bridge (bridge(8), "bridge vlan"; linux/if_bridge.h). A kernel without
// CONFIG_BRIDGE_VLAN_FILTERING answers EOPNOTSUPP to all of this.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "lib/net/ifname.h"
#include "lib/net/vlan.h"
#include "lib/netlink/socket.h"

namespace netlink {

// What a port carries. With a mark it is one VLAN, never a range.
struct PortVlan {
  net::VlanRange ids{net::VlanId::of_new_port(), net::VlanId::of_new_port()};
  bool is_pvid = false;      // frames without a tag that come in belong to it
  bool is_untagged = false;  // frames of it go out without a tag
  friend bool operator==(const PortVlan&, const PortVlan&) = default;
};
std::string text(const PortVlan& vlan);                // "100 pvid untagged", "200-299"
std::string text(const std::vector<PortVlan>& vlans);  // "100 pvid untagged, 200-299"; "none"

// The same VLANs in ascending order, neighbours of the same marks in one range; of a VLAN that is in it twice, the first
// counts. Two lists that mean the same are equal then.
std::vector<PortVlan> normal(const std::vector<PortVlan>& vlans);

// Those of the port with that index, normal, at a cost that does not grow with the other ports; none when it is gone, is no
// port, or the kernel cannot filter VLANs.
std::vector<PortVlan> observe_vlans(Socket& socket, std::uint32_t index);

// Those of all ports and bridges of the namespace, by index.
std::map<std::uint32_t, std::vector<PortVlan>> observe_vlans(Socket& socket);

// Can this kernel filter VLANs? Before the first bridge is made its module may not be loaded, and the answer is no.
bool can_filter_vlans(Socket& socket);

// All in one message, whatever their number. A VLAN that is there gets these marks.
struct AddVlans {
  net::IfName port;
  std::uint32_t index = 0;
  std::vector<PortVlan> vlans;
};
Request request(const AddVlans& change);
std::string text(const AddVlans& change);

// Likewise; one that is not there is no error, and neither is a port that is gone.
struct DeleteVlans {
  net::IfName port;
  std::uint32_t index = 0;
  std::vector<PortVlan> vlans;  // their marks do not matter
};
Request request(const DeleteVlans& change);
std::string text(const DeleteVlans& change);

// Whether a bridge looks at VLANs at all; without it every port hears every other.
struct SetVlanFiltering {
  net::IfName bridge;
  bool on = true;
};
Request request(const SetVlanFiltering& change);
std::string text(const SetVlanFiltering& change);

}  // namespace netlink

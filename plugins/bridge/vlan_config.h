// SPDX-License-Identifier: Apache-2.0
// The keys vlan, vlanTrunk and preserveDefaultVlan.
#pragma once

#include <optional>
#include <vector>

#include "lib/cni/fields.h"
#include "lib/net/ifname.h"
#include "lib/net/vlan.h"

namespace bridge {

struct Vlans {
  std::optional<net::VlanId> own;     // vlan: what the container sends without a tag; 0 and none: no VLAN of its own
  std::vector<net::VlanRange> trunk;  // vlanTrunk: what it sends and gets with a tag; ascending, without repetition
  bool are_asked_for = false;         // vlan is not 0, or vlanTrunk is there, if empty: the bridge filters
  bool keeps_default = false;         // preserveDefaultVlan: the port stays in the VLAN that every new port is in

  // <bridge>.<vlan>: the link that has the gateway's addresses, in place of the bridge, which is in no VLAN.
  // Throws std::logic_error without a VLAN of its own.
  [[nodiscard]] std::string gateway_name(const net::IfName& bridge) const;
};

// Throws cni::Error code 7 with the words of the reference, then key, value and what is allowed.
Vlans parse_vlans(const cni::Fields& fields);

// The gateway's link. Throws cni::Error code 7 when the bridge's name leaves no room for the VLAN in it.
net::IfName parse_vlan_gateway(const cni::Fields& fields, const net::IfName& bridge, const Vlans& vlans);

}  // namespace bridge

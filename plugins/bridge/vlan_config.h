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
  std::optional<net::VlanId> own;     // vlan: VLAN of untagged frames; 0 or absent: none
  std::vector<net::VlanRange> trunk;  // vlanTrunk: VLANs of tagged frames; ascending, without duplicates
  bool are_configured = false;        // vlan is not 0, or vlanTrunk is set (even if empty): the bridge filters VLANs
  bool preserves_default = false;     // preserveDefaultVlan: the port stays in the bridge's default VLAN

  // <bridge>.<vlan>: the link that has the gateway addresses instead of the bridge, which is in no VLAN.
  // Throws std::logic_error if vlan is not set.
  [[nodiscard]] std::string gateway_name(const net::IfName& bridge) const;
};

// Throws cni::Error code 7. The message begins with the reference's words, followed by key, value and allowed values.
Vlans parse_vlans(const cni::Fields& fields);

// The name of the VLAN gateway. Throws cni::Error code 7 if the bridge's name is too long to append the VLAN.
net::IfName parse_vlan_gateway(const cni::Fields& fields, const net::IfName& bridge, const Vlans& vlans);

}  // namespace bridge

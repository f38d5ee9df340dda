// SPDX-License-Identifier: Apache-2.0
// Linux bridges (ip-link(8), "BRIDGE Type Support"; IFLA_BR_*, linux/if_link.h). Their ports:
// lib/netlink/bridge_port.h.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "lib/netlink/link.h"
#include "lib/netlink/message.h"

namespace netlink {

struct NewLink;

// A bridge created with a MAC address keeps it. Otherwise it uses the lowest address of its ports, which changes as
// ports come and go.
struct Bridge {
  static constexpr const char* kName = "bridge";
  static constexpr bool kHasOwnMac = false;  // uses a port's, see above
  bool filters_vlans = false;                // a port receives only frames of its own VLANs (bridge_vlan.h)
  std::uint16_t default_vlan = 0;  // untagged VLAN of new ports; 0: none, or no VLAN filtering in the kernel. Read only
};

void put_data(Message& message, const Bridge& bridge, const NewLink& link);
std::string text(const Bridge& bridge, const NewLink& link);
std::string failure(const Bridge& bridge, const NewLink& link);

// The attributes that the kernel reported with the link; defaults for a link of another kind.
Bridge parse_bridge(const Link& link);

// A link with its bridge attributes.
struct BridgeLink : Link, Bridge {};
std::optional<BridgeLink> observe_bridge(Socket& socket, const net::IfName& name);

}  // namespace netlink

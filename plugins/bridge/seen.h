// SPDX-License-Identifier: Apache-2.0
// What the bridge plugin finds in the kernel, before it plans.
#pragma once

#include <map>
#include <optional>
#include <vector>

#include "lib/attachment/veth/pair.h"
#include "lib/netlink/address.h"
#include "lib/netlink/bridge_vlan.h"
#include "lib/netlink/kind/bridge.h"
#include "lib/netlink/link.h"
#include "lib/plan/kernel.h"
#include "plugins/bridge/config.h"

namespace bridge {

struct Seen : attachment::Pair {
  std::optional<netlink::BridgeLink> bridge;  // a link with the bridge's name, of whatever kind
  std::vector<net::Prefix> bridge_addresses;
  bool takes_advertisements = false;     // the bridge: it is the host's own way out, by a router's advertisements
  std::optional<netlink::Link> gateway;  // a link with the name of the VLAN's gateway, if there is to be one
  std::vector<net::Prefix> gateway_addresses;
  // Only observe_all() asks for these:
  std::vector<netlink::Link> ports;  // of the bridge
  std::map<std::uint32_t, std::vector<netlink::PortVlan>>
      vlans;  // of all ports, by their index, if VLANs are asked for
};

Seen observe(plan::Kernel& kernel, const Config& config);

// The same and the bridge's ports, as many as there are containers: for the undoing of a failed ADD.
Seen observe_all(plan::Kernel& kernel, const Config& config);

// The two ends of the pair once it is made, the bridge that the near one is a port of, and the gateway of its VLAN.
struct Links {
  netlink::BridgeLink bridge;
  netlink::Link host_end;
  netlink::Link container_end;
  std::optional<netlink::Link> vlan_gateway = {};  // once it is made
};

// Throws cni::Error code 11 when one of them has vanished in the meantime.
Links observe_links(plan::Kernel& kernel, const Config& config);

}  // namespace bridge

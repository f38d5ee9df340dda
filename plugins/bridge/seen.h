// SPDX-License-Identifier: Apache-2.0
// What the bridge plugin observes in the kernel before it plans.
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
  std::optional<netlink::BridgeLink> bridge;  // a link with the bridge's name, of any kind
  std::vector<net::Prefix> bridge_addresses;
  bool takes_advertisements = false;     // the bridge receives the host's own router advertisements
  std::optional<netlink::Link> gateway;  // a link with the VLAN gateway's name, if one is configured
  std::vector<net::Prefix> gateway_addresses;
  // Only observe_all() sets these:
  std::vector<netlink::Link> ports;                               // of the bridge
  std::map<std::uint32_t, std::vector<netlink::PortVlan>> vlans;  // of all ports, by index, if VLANs are configured
};

Seen observe(plan::Kernel& kernel, const Config& config);

// The same plus the bridge's ports, for reverting a failed ADD. The cost grows with the number of containers.
Seen observe_all(plan::Kernel& kernel, const Config& config);

// The ends of the created pair, the host end's bridge, and the VLAN gateway.
struct Links {
  netlink::BridgeLink bridge;
  netlink::Link host_end;
  netlink::Link container_end;
  std::optional<netlink::Link> vlan_gateway = {};  // once it exists
};

// Throws cni::Error code 11 if a link was deleted meanwhile.
Links observe_links(plan::Kernel& kernel, const Config& config);

}  // namespace bridge

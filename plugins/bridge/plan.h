// SPDX-License-Identifier: Apache-2.0
// Plans for the bridge plugin's changes to the kernel, computed from values only.
#pragma once

#include "lib/cni/error.h"
#include "lib/cni/result.h"
#include "lib/plan/plan.h"
#include "plugins/bridge/config.h"
#include "plugins/bridge/seen.h"

namespace bridge {

bool is_link_local(const net::Prefix& address);

// The error if the bridge's name belongs to a link of another kind.
cni::Error not_a_bridge(cni::Code code, const netlink::Link& link);

// Creates the bridge with a fixed MAC address if it does not exist, brings it up, and makes it promiscuous if
// configured. An existing bridge without addresses keeps its current MAC address, which also becomes fixed.
// Throws cni::Error `"<name>" already exists but is not a bridge`.
plan::Plan plan_bridge(const Config& config, const Seen& seen, const net::Mac& mac);

// Creates the veth pair: the host end is up and a port of the bridge, the other end is in the container. First deletes
// the leftover of a killed ADD of the same attachment. Throws cni::Error if another link has one of the names.
struct Port {
  std::uint32_t bridge_index = 0;
  int netns = -1;  // descriptor
  std::string netns_path;
};
plan::Plan plan_port(const Config& config, const Seen& seen, const Port& port);

// Without IPAM: brings the container's end up, unless it must stay down.
plan::Plan plan_layer2(const Config& config);

// The alternative name with which a port claims an address on its bridge and VLAN: "10.1.0.2@cni0",
// "10.1.0.2@100@cni0".
std::string claim_of(const Config& config, const net::Address& address);

// Claims the container's address by an alternative name of the host end. The kernel rejects a second claim (EEXIST).
// This prevents duplicate addresses if two networks share a range, even with different IPAM plugins.
plan::Plan plan_claim(const Config& config, const net::Address& address);

// The container's sysctls, addresses and routes. Brings the link up in between.
plan::Plan plan_container(const Config& config, const Links& links, const cni::Result& lease,
                          const std::vector<netlink::Route>& rivals);

// The gateway addresses on the bridge or its VLAN gateway, and forwarding. `present`: the link's current addresses.
// Throws cni::Error `failed to set bridge addr: ...` if it has another address of the network and forceAddress is not
// set.
plan::Plan plan_gateway(const Config& config, const Links& links, const std::vector<net::Prefix>& present,
                        const cni::Result& lease);

// Completes the lease: adds missing gateways and the default route.
cni::Result complete(const Config& config, cni::Result lease);

// The gateway addresses with their network's prefix length, without duplicates.
std::vector<net::Prefix> gateway_addresses(const cni::Result& lease);

}  // namespace bridge

// SPDX-License-Identifier: Apache-2.0
// What the bridge plugin does to the kernel, planned from values alone.
#pragma once

#include "lib/cni/error.h"
#include "lib/cni/result.h"
#include "lib/plan/plan.h"
#include "plugins/bridge/config.h"
#include "plugins/bridge/seen.h"

namespace bridge {

bool is_link_local(const net::Prefix& address);

// The error for a link of another kind that has the bridge's name.
cni::Error not_a_bridge(cni::Code code, const netlink::Link& link);

// The bridge: made, with a MAC of its own for good, when it is not there; brought up, made promiscuous when asked for. One
// that was made by others and has no address yet keeps the MAC that it has, for good too.
// Throws cni::Error `"<name>" already exists but is not a bridge`.
plan::Plan plan_bridge(const Config& config, const Seen& seen, const net::Mac& mac);

// The veth pair: near end up and a port of the bridge, far end in the container. A leftover of an ADD of the same
// attachment that was killed is removed first. Throws cni::Error when another link has one of the names.
struct Port {
  std::uint32_t bridge_index = 0;
  int netns = -1;  // descriptor
  std::string netns_path;
};
plan::Plan plan_port(const Config& config, const Seen& seen, const Port& port);

// Without IPAM: the container's end is brought up, unless it is to stay down.
plan::Plan plan_layer2(const Config& config);

// The container's sysctls, addresses and routes, and the link up between them.
// The name by which a port claims an address on its bridge, and in its VLAN there: "10.1.0.2@cni0", "10.1.0.2@100@cni0".
std::string claim_of(const Config& config, const net::Address& address);

// The port claims an address of the container's, as alternative name of the host end. The kernel refuses a second claim (EEXIST),
// so two networks that share a range do not share an address, whatever their IPAM plugins know of each other.
plan::Plan plan_claim(const Config& config, const net::Address& address);

plan::Plan plan_container(const Config& config, const Links& links, const cni::Result& lease,
                          const std::vector<netlink::Route>& rivals);

// The gateway's addresses on the bridge, or on its VLAN's gateway, and forwarding. `present`: what is there. Throws
// cni::Error `failed to set bridge addr: ...` when there is another address of the network and forceAddress is not set.
plan::Plan plan_gateway(const Config& config, const Links& links, const std::vector<net::Prefix>& present,
                        const cni::Result& lease);

// The lease with what bridge adds to it: a gateway where IPAM gave none, the default route.
cni::Result complete(const Config& config, cni::Result lease);

// The gateway's addresses, each with its network's prefix length, without repetition.
std::vector<net::Prefix> gateway_addresses(const cni::Result& lease);

}  // namespace bridge

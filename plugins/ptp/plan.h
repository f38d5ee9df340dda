// SPDX-License-Identifier: Apache-2.0
// Plans for the ptp plugin's changes to the kernel, computed from values only.
//
// The container reaches all other addresses via its gateway, the host end of its pair, including those of its own
// network:
//  container   address in its network, without the kernel's connected route;
//              GATEWAY dev eth0 scope link, then NETWORK via GATEWAY, then IPAM's routes
//  host        GATEWAY/32 on the host end, and ADDRESS/32 dev HOSTEND
#pragma once

#include "lib/attachment/layer3.h"
#include "lib/attachment/veth/pair.h"
#include "lib/plan/plan.h"
#include "plugins/ptp/config.h"

namespace ptp {

// The two ends of the created pair.
struct Links {
  netlink::Link host_end;
  netlink::Link container_end;
};

// Creates the pair. First deletes the leftover of a killed ADD of the same attachment. The host end comes up after it
// is configured. Throws cni::Error if another link has one of the names. `netns`: descriptor of the container's
// namespace.
plan::Plan plan_pair(const Config& config, const attachment::Pair& seen, int netns, const std::string& netns_path);

// Completes the lease with the index of the container's interface in the result. Throws cni::Error code 7 if an address
// has no gateway: all routes need it.
cni::Result complete(cni::Result lease);

plan::Plan plan_container(const Config& config, const Links& links, const cni::Result& lease,
                          const std::vector<netlink::Route>& rivals);

// `present`: the host's existing routes to the container's addresses. The previous owner of an address may still exist:
// its route stays, and ours is preferred.
plan::Plan plan_host(const Config& config, const Links& links, const cni::Result& lease,
                     const std::vector<netlink::Route>& present);

// A route of the container other than IPAM's: to a gateway on the link, or to a network via its gateway.
struct Route {
  net::Prefix dst;
  std::optional<net::Address> gateway;
  net::Address source;
};
std::vector<Route> base_routes(const cni::Result& lease);

// The gateways, without duplicates.
std::vector<net::Address> gateways(const cni::Result& lease);

}  // namespace ptp

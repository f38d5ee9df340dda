// SPDX-License-Identifier: Apache-2.0
// What the ptp plugin does to the kernel, planned from values alone.
//
// The container reaches everything by its gateway, the host end of its own pair, even the other addresses of its network:
//   container   address in its network, without the route that the kernel would add for it;
//               GATEWAY dev eth0 scope link, then NETWORK via GATEWAY, then IPAM's routes
//   host        GATEWAY/32 on the host end, and ADDRESS/32 dev HOSTEND
#pragma once

#include "lib/attachment/layer3.h"
#include "lib/attachment/veth/pair.h"
#include "lib/plan/plan.h"
#include "plugins/ptp/config.h"

namespace ptp {

// The two ends of the pair once it is made.
struct Links {
  netlink::Link host_end;
  netlink::Link container_end;
};

// The pair: a leftover of an ADD of the same attachment that was killed is removed first. The host end comes up once it is
// prepared. Throws cni::Error when another link has one of the names. `netns`: descriptor of the container's namespace.
plan::Plan plan_pair(const Config& config, const attachment::Pair& seen, int netns, const std::string& netns_path);

// The lease with what ptp adds to it: the place of the container's interface in the result. Throws cni::Error code 7 when
// an address has no gateway, which is the only way to anywhere.
cni::Result complete(cni::Result lease);

plan::Plan plan_container(const Config& config, const Links& links, const cni::Result& lease,
                          const std::vector<netlink::Route>& rivals);

// `present`: routes to the container's addresses that the host has already. Who had the address before may live on, if
// only by mistake: his route stays, and ours is preferred to it.
plan::Plan plan_host(const Config& config, const Links& links, const cni::Result& lease,
                     const std::vector<netlink::Route>& present);

// The ways of the container but IPAM's routes: to the gateways on the link, to the networks by them.
struct Way {
  net::Prefix dst;
  std::optional<net::Address> gateway;
  net::Address source;
};
std::vector<Way> ways(const cni::Result& lease);

// The gateways, each once.
std::vector<net::Address> gateways(const cni::Result& lease);

}  // namespace ptp

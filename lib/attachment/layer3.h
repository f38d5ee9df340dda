// SPDX-License-Identifier: Apache-2.0
// Layer 3 of a container: what an IPAM plugin's answer asks for on the container's interface.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "lib/cni/request.h"
#include "lib/cni/result.h"
#include "lib/net/ifname.h"
#include "lib/netlink/route.h"
#include "lib/plan/kernel.h"
#include "lib/plan/plan.h"

namespace attachment {

// The container's end.
struct Inside {
  net::IfName ifname;
  std::uint32_t index = 0;
  bool detect_duplicates = false;  // IPv6 duplicate address detection (RFC 4862, 5.4): costs a second and more
  bool connected_routes = true;    // false: an address brings no route to its network along
};

bool has_family(const cni::Result& lease, net::Family family);

// The gateway of the first address of that family that has one.
std::optional<net::Address> gateway_of(const cni::Result& lease, net::Family family);

// The lease without routes of a family that it has no address of: packets would leave without a source address, and
// connections hang that should fail at once. Each is logged as a warning.
cni::Result without_unusable_routes(cni::Result lease);

// The interface's sysctls, addresses, and the interface up.
void plan_addresses(plan::Plan& plan, const Inside& inside, const cni::Result& lease);

// The container's routes that the lease's IPv6 routes without a priority compete with: what plan_routes() needs to know.
std::vector<netlink::Route> observe_rivals(plan::Kernel& kernel, const cni::Result& lease);

// The lease's routes. A route without a gateway goes by the gateway of its family, unless its scope is link or host. The
// newest network's route to a destination is preferred, in both families; the others remain. A route with a priority keeps
// it, and several gateways in one lease stay equal-cost.
void plan_routes(plan::Plan& plan, const Inside& inside, const cni::Result& lease,
                 const std::vector<netlink::Route>& rivals);

// The metric for a new route to the destination that is to win against those present. In IPv4, the newest of equal routes
// wins already (0). In IPv6, equal routes share the traffic, so the new one needs a lower metric; 0 if there is none.
std::uint32_t preferred_metric(const net::Prefix& dst, const std::vector<netlink::Route>& present);

// Announces the MAC address of the container's addresses to the network: if it is set once more, the kernel sends gratuitous
// ARP (arp_notify) and unsolicited neighbour advertisements (ndisc_notify). What it sends when the link comes up is lost on a
// bridge that does not forward for the port yet.
plan::Plan plan_announce(const net::IfName& ifname, const netlink::Link& link);

// The host forwards for the lease's families.
void plan_forwarding(plan::Plan& plan, const cni::Result& lease);

// The same for the addresses of prevResult, as part of cni::Plugin::restore: systemd-sysctl may have turned it off since.
void restore_forwarding(const cni::Request& request);

// A link as the result tells it; sandbox: CNI_NETNS, "" for a link of the host.
cni::Interface interface_of(const netlink::Link& link, const std::string& sandbox);

}  // namespace attachment

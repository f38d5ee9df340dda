// SPDX-License-Identifier: Apache-2.0
// Layer 3 of a container: applies an IPAM result to the container's interface.
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

// The container's interface.
struct Inside {
  net::IfName ifname;
  std::uint32_t index = 0;
  bool detect_duplicates = false;  // IPv6 duplicate address detection (RFC 4862, 5.4): takes a second or more
  bool connected_routes = true;    // false: the kernel adds no route to an address's subnet
};

bool has_family(const cni::Result& lease, net::Family family);

// The first gateway of that family in the lease.
std::optional<net::Address> gateway_of(const cni::Result& lease, net::Family family);

// Removes routes of a family in which the lease has no address: packets would leave without a source address, and
// connections would hang instead of failing at once. Logs a warning for each.
cni::Result without_unusable_routes(cni::Result lease);

// Sets the interface's sysctls, adds its addresses and sets it up.
void plan_addresses(plan::Plan& plan, const Inside& inside, const cni::Result& lease);

// The container's routes that compete with the lease's IPv6 routes without a priority; input of plan_routes().
std::vector<netlink::Route> observe_rivals(plan::Kernel& kernel, const cni::Result& lease);

// The host's routes that packets to the lease's addresses take now.
std::vector<netlink::Route> observe_routes_to(plan::Kernel& kernel, const cni::Result& lease);

// The lease's routes. A route without a gateway uses the gateway of its family, unless its scope is link or host. The
// newest network's route to a destination is preferred, in both families; the others remain. A route with a priority
// keeps it, and several gateways in one lease stay equal-cost.
void plan_routes(plan::Plan& plan, const Inside& inside, const cni::Result& lease,
                 const std::vector<netlink::Route>& rivals);

// The metric that makes a new route to `dst` win over the present ones. In IPv4 the newest of equal routes wins anyway
// (0). In IPv6 equal routes share the traffic, so the new one needs a lower metric; 0 if no lower metric is left.
std::uint32_t preferred_metric(const net::Prefix& dst, const std::vector<netlink::Route>& present);

// Announces the container's addresses and its MAC address: setting the MAC address again makes the kernel send
// gratuitous ARP (arp_notify) and unsolicited neighbour advertisements (ndisc_notify). What it sends when the link
// comes up is lost if the bridge port does not forward yet.
plan::Plan plan_announce(const net::IfName& ifname, const netlink::Link& link);

// Makes the host forward packets of the lease's families.
void plan_forwarding(plan::Plan& plan, const cni::Result& lease);

// The same for prevResult's addresses, for cni::Plugin::restore: systemd-sysctl may have disabled forwarding since ADD.
void restore_forwarding(const cni::Request& request);

// A link as an entry of the result. sandbox: CNI_NETNS, "" for a link of the host.
cni::Interface interface_of(const netlink::Link& link, const std::string& sandbox);

}  // namespace attachment

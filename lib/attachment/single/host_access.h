// SPDX-License-Identifier: Apache-2.0
// "hostAccess": the host and a container on one of the host's links reach each other.
//
// The kernel passes no packets between a link and the macvlan or ipvlan links on it (macvlan.rst, ipvlan.rst in
// Documentation/networking). So the host gets a link of the same kind on the same parent, and routes to the container's
// addresses by it. Its name and alias are those of the owner's host end, so DEL, GC and show find it as any other.
//
// The host end has no addresses and no ARP: both sides have permanent neighbour entries. An ARP request of the host end
// would reach the whole LAN, with the host's address and the host end's MAC address. Other machines would then send
// the host's traffic to that MAC address.
#pragma once

#include <vector>

#include "lib/attachment/layer3.h"
#include "lib/attachment/single/single.h"
#include "lib/plan/kernel.h"

namespace attachment {

struct HostAccess {
  net::Owner owner;
  netlink::Link interface;             // the container's
  std::vector<net::Prefix> addresses;  // the host's
};

// The addresses by which the container reaches the host: its parent's. Throws cni::Error with that code if there are
// none, or if the host drops what an ipvlan container sends to it.
std::vector<net::Prefix> observe_host_addresses(plan::Kernel& kernel, const Wanted& wanted,
                                                const netlink::LinkRef& parent, cni::Code code);

// Creates the host end, up.
plan::Plan plan_host_end(const Wanted& wanted, const net::Owner& owner, const netlink::LinkRef& parent);

// Adds routes and neighbours on both sides, and returns the host end. A family in which the parent has no address is
// left out, with a warning. Runs after the announcement, which deletes the container's neighbour entries.
cni::Interface connect_to_host(plan::Kernel& kernel, const HostAccess& access, const cni::Result& lease);

// CHECK: the host end is up, and both sides have the neighbours and the routes to them. The host's present addresses do
// not matter. own: the container's part of prevResult.
void compare_host_access(plan::Differences& differences, plan::Kernel& kernel, const net::Owner& owner,
                         const netlink::Link& interface, const cni::Result& own);

// Deletes the host end of an ADD of this attachment, finished or not. Returns true if there was one.
bool remove_host_end(plan::Kernel& kernel, const net::Owner& owner);

}  // namespace attachment

// SPDX-License-Identifier: Apache-2.0
// What STATUS of a plugin looks at before it asks IPAM. Nothing is changed, and it is cheap: kubelets ask every few seconds.
// All throw cni::Error code 50 (not available) when ADD would fail, or what it makes would not work.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "lib/attachment/keys.h"
#include "lib/plan/kernel.h"

namespace attachment {

// That table of ours is there, or could be made.
void check_table(plan::Kernel& kernel, nft::Home home = nft::Home::inet);

// IPv6 is on for the link that gets an IPv6 gateway's address, or for new links if it is not there yet.
void check_ipv6(const std::vector<HandedOut>& ranges, const std::optional<netlink::Link>& link);

// What an IPAM plugin would report for these ranges: the first address of each, with its gateway. STATUS plans with it as ADD
// does, so it throws what ADD would throw.
cni::Result expected_lease(const std::vector<HandedOut>& ranges);

// STATUS: the host's routes do not clash with the network's own route, by the link with the index `own` (0: not there yet).
// Throws cni::Error code 50 if the host would not reach the network's containers, or its own router. Other machines that it
// would not reach are a line in the log.
//
// A route to a part of the range wins, and one to the whole subnet unless its metric is worse. A wider route loses. If it is a
// network that the host has an address in, the containers hide the machines there. No clash: a wider route to elsewhere, as to
// 10.0.0.0/8 with the network 10.1.0.0/16 in it; a route to another node's part of a cluster's subnet; a route to one address.
void check_ranges(plan::Kernel& kernel, const std::vector<HandedOut>& ranges, std::uint32_t own);

// ADD: the same as warnings, for the subnets of these addresses.
void warn_of_clashes(plan::Kernel& kernel, const std::vector<net::Prefix>& addresses, std::uint32_t own);

}  // namespace attachment

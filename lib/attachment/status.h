// SPDX-License-Identifier: Apache-2.0
// A plugin's own checks for STATUS, before it calls IPAM. They are cheap and change nothing: kubelets call every few
// seconds. All throw cni::Error code 50 (not available) if ADD would fail or would create something that does not work.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "lib/attachment/keys.h"
#include "lib/plan/kernel.h"

namespace attachment {

// Checks that our table exists or can be created.
void check_table(plan::Kernel& kernel, nft::TableFamily family = nft::TableFamily::inet);

// Checks that IPv6 is enabled on the link that gets an IPv6 gateway address, or on new links if it does not exist yet.
void check_ipv6(const std::vector<AddressRange>& ranges, const std::optional<netlink::Link>& link);

// The result that an IPAM plugin would return for these ranges: the first address of each, with its gateway. STATUS
// makes ADD's plan with it, so it throws what ADD would throw.
cni::Result expected_lease(const std::vector<AddressRange>& ranges);

// For STATUS: checks that the host's routes do not clash with the network's own route through the link with index `own`
// (0: no link yet). Throws cni::Error code 50 if the host could not reach the network's containers, or its own router.
// Other unreachable machines are a line in the log.
//
// A route to a part of the range wins, and so does a route to the whole subnet unless its metric is worse. A wider
// route loses. If the host has an address in that wider network, the containers hide its machines. No clash: a wider
// route to elsewhere, such as 10.0.0.0/8 around the network 10.1.0.0/16; another node's part of a cluster's subnet; a
// single address.
void check_ranges(plan::Kernel& kernel, const std::vector<AddressRange>& ranges, std::uint32_t own);

// For ADD: the same as warnings, for the subnets of these addresses.
void warn_of_clashes(plan::Kernel& kernel, const std::vector<net::Prefix>& addresses, std::uint32_t own);

}  // namespace attachment

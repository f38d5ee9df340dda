// SPDX-License-Identifier: Apache-2.0
// Taking addresses: one from each range set, all of them or none.
#pragma once

#include <span>
#include <vector>

#include "lib/ipam/range.h"
#include "lib/ipam/store.h"
#include "lib/net/address.h"
#include "lib/net/prefix.h"

namespace ipam {

struct Allocation {
  net::Prefix address;   // with the prefix length of the range's subnet
  net::Address gateway;  // the range's
};

// One address from each set, in the order of the sets. A set takes the first address of `requested` that is in it and that
// no set before has taken, else the next free one of its round robin.
//
// Throws std::runtime_error with the reference's texts at the beginning:
//   failed to allocate all requested IPs: <a> <b>         they are in no set, or in one that has another requested address
//   failed to allocate for range <i>: <why>, where <why> is
//     requested ip <a> is subnet's gateway
//     requested IP address <a> is not available in range set <set>            somebody has it, or it is excluded
//     <a> has been allocated to <id>, duplicate allocation is not allowed       only where nothing is requested
//     no IP addresses available in range set: <set>                           and so on as exhaustion.h has it
// and std::system_error. Then the store is as it was: what this call has taken is given back, and nothing else, so that a
// second ADD does not take the address away from the container that lives with it. The round robin goes on from where it was.
std::vector<Allocation> allocate(Store& store, std::span<const RangeSet> sets, std::span<const net::Address> requested,
                                 const Holder& holder);

}  // namespace ipam

// SPDX-License-Identifier: Apache-2.0
// Allocating addresses: one from each range set, or none at all.
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

// Allocates one address from each set, in the order of the sets. A set uses the first requested address that it
// contains and no earlier set used, otherwise the next free address of its round robin.
//
// Throws std::system_error, and std::runtime_error with the reference's texts at the beginning:
//   failed to allocate all requested IPs: <a> <b>         no set contains them, or another request uses their set
//   failed to allocate for range <i>: <why>, where <why> is
//     requested ip <a> is subnet's gateway
//     requested IP address <a> is not available in range set <set>            it has an owner or is excluded
//     <a> has been allocated to <id>, duplicate allocation is not allowed       only without requests
//     no IP addresses available in range set: <set>                           continued as in exhaustion.h
//
// After an exception the store is unchanged: only this call's allocations are released, so a second ADD does not
// release the address of a running container. The round robin stays where it was.
std::vector<Allocation> allocate(Store& store, std::span<const RangeSet> sets, std::span<const net::Address> requested,
                                 const Holder& holder);

}  // namespace ipam

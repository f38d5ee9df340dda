// SPDX-License-Identifier: Apache-2.0
// Finding, identifying, checking and deleting an attachment's veth pair.
#pragma once

#include <cstdint>
#include <optional>

#include "lib/attachment/removal.h"
#include "lib/cni/result.h"
#include "lib/net/owner.h"
#include "lib/netlink/link.h"
#include "lib/plan/check.h"
#include "lib/plan/kernel.h"
#include "lib/plan/plan.h"

namespace attachment {

struct Pair {
  std::optional<netlink::Link> host_end;        // the link with our host end's name
  std::optional<netlink::Link> container_end;   // the container's link with the name CNI_IFNAME
  std::optional<netlink::Link> container_peer;  // its peer, if that is on the host
};

// Without the container's namespace (DEL after it is gone), only the host end is looked up.
Pair observe_pair(plan::Kernel& kernel, const net::Owner& owner);

// True if an ADD of this very attachment, finished or not, created that link. Its alias shows that; a link without an
// alias was created by an ADD that was killed before it could set one.
bool is_ours(const netlink::Link& host_end, const net::Owner& owner);

// True if that ADD finished.
bool is_finished(const netlink::Link& host_end, const net::Owner& owner);

// True if the link is the host end of a pair that a plugin of the reference created. It has no alias, and its name is
// "veth" and 8 random hexadecimal digits.
bool is_of_reference(const netlink::Link& host_end);

// Checks that the pair can be created. A leftover of a killed ADD of the same attachment is accepted. Throws cni::Error
// if another link has one of the two names, or if the container is already attached to the network.
void check_names(const net::Owner& owner, const Pair& pair);

// Sets the alias that marks ADD as finished.
plan::Plan plan_finish(const net::Owner& owner);

// Deletes the pair that an ADD of this attachment created, if any.
plan::Plan plan_remove_pair(const net::Owner& owner, const Pair& pair);
void remove_pair(plan::Kernel& kernel, const net::Owner& owner);

// The pair that the reference's ADD created has no owner's name. From inside the container it is found as the peer of
// CNI_IFNAME. It is this attachment's if prevResult lists it by MAC address, or if its host end has the master that
// this network's plugin sets: `master` is the index of its bridge, 0 for ptp. From outside only prevResult identifies
// it.
std::optional<netlink::Link> find_reference_pair(plan::Kernel& kernel, const Pair& pair,
                                                 const std::optional<cni::Result>& previous,
                                                 std::optional<std::uint32_t> master);

// CHECK: the host end is up. Our ADD names it after the owner; the reference's has any name and is the peer of the
// container's end. Returns nullopt and adds the difference `missing` if there is none.
std::optional<netlink::Link> compare_host_end(plan::Differences& differences, const Pair& seen,
                                              const std::string& missing);

// The step of DEL that deletes the pair. bridge: the master of the host end of a pair from the reference; none for a
// pair without a bridge. The request must outlive the step.
DelStep pair_step(const cni::Request& request, const std::optional<net::IfName>& bridge);

}  // namespace attachment

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
  std::optional<netlink::Link> host_end;        // a link with the name that our host end has or is to have
  std::optional<netlink::Link> container_end;   // a link with CNI_IFNAME in the container
  std::optional<netlink::Link> container_peer;  // its other end, if that is on the host
};

// Without the container's side (DEL of a namespace that is gone) only the host end is looked for.
Pair observe_pair(plan::Kernel& kernel, const net::Owner& owner);

// Did an ADD of this very attachment make that link, whether it came to its end or not? Its alias says so; a link made by
// an ADD that was killed before it could set the alias has none.
bool is_ours(const netlink::Link& host_end, const net::Owner& owner);

// ... and did that ADD come to its end?
bool is_finished(const netlink::Link& host_end, const net::Owner& owner);

// Is that the host end of a pair that a plugin of the reference made? It has no alias, and a name of "veth" and 8 random
// hexadecimal digits.
bool is_of_reference(const netlink::Link& host_end);

// The pair can be made: a leftover of an ADD of the same attachment that was killed is no hindrance. Throws cni::Error
// when another link has one of the two names, or when the container is connected to the network already.
void check_names(const net::Owner& owner, const Pair& pair);

// The alias that says that ADD has come to its end.
plan::Plan plan_finish(const net::Owner& owner);

// Takes away the pair that an ADD of this attachment made; nothing when there is none.
plan::Plan plan_remove_pair(const net::Owner& owner, const Pair& pair);
void remove_pair(plan::Kernel& kernel, const net::Owner& owner);

// The pair that the reference's ADD made bears no owner's name. From inside the container it is found as the other end of
// CNI_IFNAME, and is this attachment's if prevResult tells of it by MAC, or if it is where this network's plugin puts it:
// `master` is the index of its bridge, 0 for ptp. From outside it is found by prevResult alone.
std::optional<netlink::Link> find_reference_pair(plan::Kernel& kernel, const Pair& pair,
                                                 const std::optional<cni::Result>& previous,
                                                 std::optional<std::uint32_t> master);

// For CHECK: the host end is up. Our ADD gives it the owner's name; the reference's has any name, and is the peer of the
// container's end. nullopt, and the difference `missing`, if there is none.
std::optional<netlink::Link> compare_host_end(plan::Differences& differences, const Pair& seen,
                                              const std::string& missing);

// The step of DEL that deletes the pair. bridge: whose port the host end of the reference's pair would be; none for a pair
// without a bridge. The request must outlive the step.
DelStep pair_step(const cni::Request& request, const std::optional<net::IfName>& bridge);

}  // namespace attachment

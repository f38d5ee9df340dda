// SPDX-License-Identifier: Apache-2.0
// Waiting until new links and addresses are ready.
#pragma once

#include <functional>
#include <optional>
#include <utility>
#include <vector>

#include "lib/cni/error.h"
#include "lib/net/address.h"
#include "lib/net/ifname.h"
#include "lib/netlink/link.h"
#include "lib/plan/kernel.h"

namespace attachment {

cni::Error vanished(const net::IfName& name);

// A link that was just created and must exist. Throws cni::Error code 11 if it has disappeared.
template <class Link>
Link present(std::optional<Link> link, const net::IfName& name) {
  if (!link) throw vanished(name);
  return std::move(*link);
}

// Waits up to 2.5 seconds, by the kernel's notifications, until the host's link runs and `is_as_wanted` holds. A packet
// sent earlier is lost, and the neighbour is queried again only a second later. Returns false on timeout.
bool wait_for_link(plan::Kernel& kernel, const net::IfName& name,
                   const std::function<bool(const netlink::Link&)>& is_as_wanted);

// Waits until the link runs. Throws cni::Error code 11 on timeout.
void wait_until_running(plan::Kernel& kernel, const net::IfName& name);

// Waits up to a second until the IPv6 addresses among these are in use, in the namespace where they were just
// added. The kernel activates them asynchronously once the link runs. Until then it does not answer neighbour
// solicitations, which are repeated a second later. A timeout is only a warning.
void wait_until_in_use(plan::Kernel& kernel, plan::Where where, const std::vector<net::Address>& addresses);

}  // namespace attachment

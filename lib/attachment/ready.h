// SPDX-License-Identifier: Apache-2.0
// Links that are made, and those that are ready.
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

// A link that was just made and must be there. Throws cni::Error code 11 when it has vanished in the meantime.
template <class Link>
Link present(std::optional<Link> link, const net::IfName& name) {
  if (!link) throw vanished(name);
  return std::move(*link);
}

// Waits until the host's link runs and `is_as_wanted` is true of it, for the kernel's notice and 2.5 seconds at the most:
// a packet that is sent before is lost, and the neighbour only asked again a second later. false when it does not come.
bool wait_for_link(plan::Kernel& kernel, const net::IfName& name,
                   const std::function<bool(const netlink::Link&)>& is_as_wanted);

// The same for running alone. Throws cni::Error code 11.
void wait_until_running(plan::Kernel& kernel, const net::IfName& name);

// Waits until the IPv6 addresses among these are in use, in the namespace where they were just added: the kernel does that
// beside us, once the link runs, and until then answers no neighbour, who asks again a second later. A second at the most:
// what comes later is no reason to fail.
void wait_until_in_use(plan::Kernel& kernel, plan::Where where, const std::vector<net::Address>& addresses);

}  // namespace attachment

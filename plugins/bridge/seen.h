// What the bridge plugin finds in the kernel, before it plans.
#pragma once

#include <optional>
#include <vector>

#include "lib/attachment/pair.h"
#include "lib/netlink/address.h"
#include "lib/netlink/link.h"
#include "lib/plan/kernel.h"
#include "plugins/bridge/config.h"

namespace bridge {

struct Seen : attachment::Pair {
  std::optional<netlink::Link> bridge;  // a link with the bridge's name, of whatever kind
  std::vector<net::Prefix> bridge_addresses;
  std::vector<netlink::Link> ports;  // of the bridge; only observe_all() asks for them
};

Seen observe(plan::Kernel& kernel, const Config& config);

// The same and the bridge's ports, as many as there are containers: for the undoing of a failed ADD.
Seen observe_all(plan::Kernel& kernel, const Config& config);

// The two ends of the pair once it is made, and the bridge that the near one is a port of.
struct Links {
  netlink::Link bridge;
  netlink::Link host_end;
  netlink::Link container_end;
};

// Throws cni::Error code 11 when one of them has vanished in the meantime.
Links observe_links(plan::Kernel& kernel, const Config& config);

}  // namespace bridge

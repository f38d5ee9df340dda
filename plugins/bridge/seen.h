// What the bridge plugin finds in the kernel, before it plans.
#pragma once

#include <optional>
#include <vector>

#include "lib/netlink/address.h"
#include "lib/netlink/link.h"
#include "lib/plan/kernel.h"
#include "plugins/bridge/config.h"

namespace bridge {

struct Seen {
  std::optional<netlink::Link> bridge;  // a link with the bridge's name, of whatever kind
  std::vector<net::Prefix> bridge_addresses;
  std::optional<netlink::Link> host_end;        // a link with the name that our host end is to have
  std::optional<netlink::Link> container_end;   // a link with CNI_IFNAME in the container
  std::optional<netlink::Link> container_peer;  // its other end, if that is on the host
  std::vector<netlink::Link> ports;             // of the bridge; only observe_all() asks for them
};

Seen observe(plan::Kernel& kernel, const Config& config);

// The same and the bridge's ports, as many as there are containers: for the undoing of a failed ADD.
Seen observe_all(plan::Kernel& kernel, const Config& config);

// The links of an attachment alone: all that DEL needs, whatever the configuration says by now.
Seen observe_pair(plan::Kernel& kernel, const net::Owner& owner);

// The two ends of the pair once it is made, and the bridge that the near one is a port of.
struct Links {
  netlink::Link bridge;
  netlink::Link host_end;
  netlink::Link container_end;
};

// Throws cni::Error code 11 when one of them has vanished in the meantime.
Links observe_links(plan::Kernel& kernel, const Config& config);

// Did an ADD of this very attachment make that link, whether it came to its end or not? Its alias says so; a link made by
// an ADD that was killed before it could set the alias has none.
bool is_ours(const netlink::Link& host_end, const net::Owner& owner);

// ... and did that ADD come to its end?
bool is_finished(const netlink::Link& host_end, const net::Owner& owner);

// Is that the host end of a pair that the reference's bridge plugin made? It has no alias, and a name of "veth" and 8
// random hexadecimal digits.
bool is_of_reference(const netlink::Link& host_end);

}  // namespace bridge

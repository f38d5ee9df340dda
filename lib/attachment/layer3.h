// Layer 3 of a container: what an IPAM plugin's answer asks for on the container's interface.
#pragma once

#include <cstdint>
#include <optional>

#include "lib/cni/request.h"
#include "lib/cni/result.h"
#include "lib/net/ifname.h"
#include "lib/plan/plan.h"

namespace attachment {

// The container's end.
struct Inside {
  net::IfName ifname;
  std::uint32_t index = 0;
  bool detect_duplicates = false;  // IPv6 duplicate address detection (RFC 4862, 5.4): costs a second and more
  bool connected_routes = true;    // false: an address brings no route to its network along
};

bool has_family(const cni::Result& lease, net::Family family);

// The gateway of the first address of that family that has one.
std::optional<net::Address> gateway_of(const cni::Result& lease, net::Family family);

// The interface's sysctls, addresses, and the interface up.
void plan_addresses(plan::Plan& plan, const Inside& inside, const cni::Result& lease);

// The lease's routes; one without a gateway goes by the gateway of its family.
void plan_routes(plan::Plan& plan, const Inside& inside, const cni::Result& lease);

// The host forwards for the lease's families.
void plan_forwarding(plan::Plan& plan, const cni::Result& lease);

// The same for the addresses of prevResult, as part of cni::Plugin::restore: systemd-sysctl may have turned it off since.
void restore_forwarding(const cni::Request& request);

// A link as the result tells it; sandbox: CNI_NETNS, "" for a link of the host.
cni::Interface interface_of(const netlink::Link& link, const std::string& sandbox);

}  // namespace attachment

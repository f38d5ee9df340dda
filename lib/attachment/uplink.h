// SPDX-License-Identifier: Apache-2.0
// The uplink: the link of the default route.
#pragma once

#include <optional>

#include "lib/attachment/keys.h"
#include "lib/netlink/link.h"

namespace attachment {

// The link of the first default route in the main table, IPv4 before IPv6.
std::optional<netlink::Link> observe_uplink(netlink::Socket& socket);

// "auto" as a number: the MTU of the host's uplink. Without an uplink it is the kernel's default, with a warning.
Mtu resolved(const Mtu& mtu, netlink::Socket& host);

}  // namespace attachment

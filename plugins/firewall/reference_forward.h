// SPDX-License-Identifier: Apache-2.0
// The reference's firewall rules for a container in iptables-nft: the rules of chain CNI-FORWARD that accept its
// addresses. The chains themselves, CNI-FORWARD and those of the isolation, are shared and stay.
#pragma once

#include <vector>

#include "lib/reference/leftovers.h"

namespace firewall {

// The rules name no owner, so they are found by address, as in the reference's own DEL.
reference::Seen observe_reference_forward(netlink::Socket& netfilter, const std::vector<net::Prefix>& addresses);

}  // namespace firewall

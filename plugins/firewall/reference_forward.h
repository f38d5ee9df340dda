// SPDX-License-Identifier: Apache-2.0
// What the reference's firewall plugin keeps for a container in iptables' filter tables, as far as iptables-nft made it: the rules
// of chain CNI-FORWARD that accept its addresses. Its chains, CNI-FORWARD and the isolation's, belong to nobody and stay.
#pragma once

#include <vector>

#include "lib/reference/leftovers.h"

namespace firewall {

// The rules bear no owner: those of these addresses count, as in the reference's own DEL.
reference::Seen observe_reference_forward(netlink::Socket& netfilter, const std::vector<net::Prefix>& addresses);

}  // namespace firewall

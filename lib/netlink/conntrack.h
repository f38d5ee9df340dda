// SPDX-License-Identifier: Apache-2.0
// Connection tracking entries (conntrack(8), linux/netfilter/nfnetlink_conntrack.h).
#pragma once

#include <cstdint>
#include <map>
#include <set>

#include "lib/net/address.h"
#include "lib/netlink/socket.h"

namespace netlink {

// untranslated: that NAT left as they are.
enum class Flows : std::uint8_t { all, untranslated };

// Ports, and the addresses that each counts on; none: on every address.
using PortsOfAddresses = std::map<std::uint16_t, std::set<net::Address>>;
using PortsOfFamilies = std::map<net::Family, PortsOfAddresses>;

// Forgets the UDP flows that were sent to these ports. A known flow keeps the translation that it got first: it would go on to a
// container that is gone, or past a port that has just been published. A namespace that tracks nothing costs one request. Linux
// 6.12 and newer delete the flows to a few ports by themselves; else the table is listed, once, or once a family if there are
// many flows. `socket`: of NETLINK_NETFILTER. A kernel without connection tracking has no flows.
void flush_udp(Socket& socket, const PortsOfFamilies& ports, Flows which = Flows::all);

// Deletes the flows of any protocol that came from one of `sources`, were not translated and got no answer, and returns their
// number. A container that began to send while it was not masqueraded would otherwise send without masquerading until it stops.
unsigned flush_unanswered(Socket& socket, net::Family family, const std::set<net::Address>& sources);

}  // namespace netlink

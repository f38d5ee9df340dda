// SPDX-License-Identifier: Apache-2.0
// Connection tracking entries (conntrack(8), linux/netfilter/nfnetlink_conntrack.h).
#pragma once

#include <cstdint>
#include <map>
#include <set>

#include "lib/net/address.h"
#include "lib/netlink/socket.h"

namespace netlink {

// untranslated: flows without NAT.
enum class Flows : std::uint8_t { all, untranslated };

// Ports, each with the addresses on which it counts; none: every address.
using PortsOfAddresses = std::map<std::uint16_t, std::set<net::Address>>;
using PortsOfFamilies = std::map<net::Family, PortsOfAddresses>;

// Deletes the UDP flows to these ports. A flow keeps its first translation, so it would still go to a container that is
// gone, or bypass a port that was just published. A namespace without flows costs one request. Linux 6.12 and newer
// delete flows to a few ports in the kernel. Otherwise the table is dumped once, or once per family if there are many
// flows. `socket`: of NETLINK_NETFILTER. A kernel without connection tracking has no flows.
void flush_udp(Socket& socket, const PortsOfFamilies& ports, Flows which = Flows::all);

// Deletes flows of any protocol from one of `sources` that have no NAT and got no reply, and returns their number.
// Otherwise a container that sent packets before it was masqueraded would continue without masquerading until it stops
// sending.
unsigned flush_unanswered(Socket& socket, net::Family family, const std::set<net::Address>& sources);

}  // namespace netlink

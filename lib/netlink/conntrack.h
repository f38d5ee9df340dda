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

// Forgets the UDP flows that were sent to these ports, walking through the kernel's table once: a flow that is known keeps the translation
// it was given first, and so would go on to a container that is gone, or past a port that has just been published.
// `socket`: of NETLINK_NETFILTER. Returns how many there were. A kernel without connection tracking has none.
unsigned flush_udp(Socket& socket, net::Family family, const PortsOfAddresses& ports, Flows which = Flows::all);

// Forgets the flows, of whatever protocol, that came from one of `sources`, were not translated and got no answer: what a
// container sent to the outside while nobody masqueraded it goes on like that as long as it keeps sending. As above.
unsigned flush_unanswered(Socket& socket, net::Family family, const std::set<net::Address>& sources);

}  // namespace netlink

// What `show` reads from the kernel, and the snapshot made of it.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "cli/show/snapshot.h"
#include "lib/net/prefix.h"
#include "lib/netlink/link.h"
#include "lib/nft/element.h"

namespace cli {

struct Observation {
  std::vector<netlink::Link> links;                                    // of the host
  std::map<std::uint32_t, std::vector<net::Prefix>> bridge_addresses;  // by the bridge's index

  // Addresses of the other end of a veth pair, by the host end's index; asked for through the host's socket, so nobody
  // enters a container. Nothing for an end that cannot be asked.
  std::map<std::uint32_t, std::vector<net::Prefix>> inner_addresses;

  std::vector<nft::Element> owners;     // of owners4 and owners6
  std::vector<nft::Element> published;  // of hostport4, hostport6, hostip4 and hostip6
  std::vector<nft::Element> local;      // of local4 and local6: their comments are networks' names
};

// Throws std::system_error. What changes meanwhile is seen before or after its change.
Observation observe();

// Pure. An attachment is a link whose alias is an owner; elements of an owner without a link make an attachment too, a
// leftover that an operator must see. A network that nothing is attached to is found by its pair in local4 or local6, its
// bridge by an address in that prefix.
Snapshot assemble(const Observation& observation);

}  // namespace cli

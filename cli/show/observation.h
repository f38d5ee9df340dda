// SPDX-License-Identifier: Apache-2.0
// The data that `show` reads, and the snapshot of it.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "cli/show/snapshot.h"
#include "lib/net/owner.h"
#include "lib/net/prefix.h"
#include "lib/netlink/link.h"
#include "lib/ruleset/element.h"

namespace cli {

struct Observation {
  std::vector<netlink::Link> links;                                    // of the host
  std::map<std::uint32_t, std::vector<net::Prefix>> bridge_addresses;  // by the bridge's index

  // Addresses of the container's end, without those of scope link and host, by the host end's index. The host's socket
  // reads them without entering the container. None for a link without a peer, and for a peer that cannot be read.
  std::map<std::uint32_t, std::vector<net::Prefix>> inner_addresses;

  std::vector<ruleset::Element> owners;     // of owners4 and owners6
  std::vector<ruleset::Element> published;  // of hostport4, hostip4 and standby4, and the same for IPv6
  std::vector<ruleset::Element> local;      // of local4 and local6: their comments are networks' names
  std::map<net::Owner, std::string> pods;   // "namespace/name" in libcni's cached results; not from the kernel
};

// The owner of a link of the host, of any kind: the link's alias is the owner, and its name derives from it. nullopt
// for any other link.
std::optional<net::Owner::Alias> owner_of(const netlink::Link& link);

// Reads the kernel: all but the pods. Throws std::system_error. A concurrent change may be seen or not.
Observation observe();

// Pure. Each link with an owner is an attachment. Elements of an owner without a link are an attachment too, so that
// leftovers are visible. A network without attachments is found by its pair in local4 or local6, and its bridge by an
// address in that prefix.
Snapshot assemble(const Observation& observation);

}  // namespace cli

// SPDX-License-Identifier: Apache-2.0
// The elements of our table that publish the ports of one attachment. Nothing in here makes a system call.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "lib/ruleset/condition.h"
#include "lib/ruleset/element.h"
#include "plugins/portmap/config.h"

namespace portmap {

// Where the ports lead to.
struct Container {
  std::vector<net::Prefix> addresses;  // one of each family at most
  std::string
      localnet_link;  // the host's link towards the IPv4 address; "" if localhost is not served. A pair without a
                      // bridge has its own, which goes with the attachment
  bool has_host_end =
      false;  // is the host end of the attachment ours, so that its absence means that the container is gone?
};

// What the table must hold for the attachment: computed once, looked for by observe(), added by plan_publish(). There is
// nothing in it if no mapping serves an address of the container.
struct Wanted {
  net::Owner owner;
  std::vector<ruleset::Element> ports = {};          // of the maps of ports, each key once
  std::vector<ruleset::Element> others = {};         // of publishers, snat4/6, masqall4/6 and localnet
  std::vector<ruleset::Conditions> conditions = {};  // the lists that ports are published under
  std::vector<net::Prefix> subnets = {};             // those that need pairs in local4/6
};

// Throws cni::Error code 7 when two mappings publish one port to different places.
Wanted wanted_elements(const Config& config, const Container& container);

// The keys of all mappings in the maps of both families, a key of two mappings twice.
std::vector<ruleset::Element> keys_of(const Config& config);

// Is this an element of a map of ports?
bool is_port(const ruleset::Element& element);

// A port that another attachment of the container has: an element of standby4 or standby6 keeps it for its owner, under host
// address (or any), protocol, port, the lower half of the hash of the conditions, and host end; the upper half is with the
// target. It holds all that the port's own element does, so that either is made of the other. Throws std::bad_optional_access
// for a comment that is no owner's.
ruleset::Element standby_of(const ruleset::Element& port);
ruleset::Element port_of(const ruleset::Element& standby);

// The address that a port is published to.
net::Prefix target_of(const ruleset::Element& port);

// The host port, protocol and, on one address only and not under conditions, the address that an element publishes.
Mapping mapping_of(const ruleset::Element& port);

// An element of publishers: how many ports the owner has in the maps, and whether its host end is ours.
std::uint32_t port_count(const ruleset::Element& publisher);
bool has_host_end(const ruleset::Element& publisher);

}  // namespace portmap

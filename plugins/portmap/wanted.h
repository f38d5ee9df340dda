// SPDX-License-Identifier: Apache-2.0
// The elements that publish the ports of one attachment. Nothing here makes a system call.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "lib/ruleset/condition.h"
#include "lib/ruleset/element.h"
#include "plugins/portmap/config.h"

namespace portmap {

// The target of the ports.
struct Container {
  std::vector<net::Prefix> addresses;  // one of each family at most
  // The host's link towards the IPv4 address; "" if localhost is not served. A pair without a bridge has its own
  // element, which is deleted with the attachment.
  std::string localnet_link;
  bool has_host_end = false;  // the host end is ours, so if it does not exist, the container is gone
};

// The elements that the table must contain for the attachment: computed once, looked up by observe(), added by
// plan_publish(). Empty if no mapping is published for an address of the container.
struct Wanted {
  net::Owner owner;
  std::vector<ruleset::Element> ports = {};          // in the maps of ports, without duplicate keys
  std::vector<ruleset::Element> others = {};         // in publishers, snat4/6, masqall4/6 and localnet
  std::vector<ruleset::Conditions> conditions = {};  // the lists that ports are published under
  std::vector<net::Prefix> subnets = {};             // subnets that need pairs in local4/6
};

// Throws cni::Error code 7 if two mappings publish one port to different targets.
Wanted wanted_elements(const Config& config, const Container& container);

// The keys of all mappings in the maps of both families, with duplicates.
std::vector<ruleset::Element> keys_of(const Config& config);

// Is the element in a map of ports?
bool is_port(const ruleset::Element& element);

// The element of standby4 or standby6 for a port that another attachment of the container publishes. Its key is host
// address (or any), protocol, port, the lower half of the conditions' hash, and host end; the upper half is in the
// data. Each of the two elements can be derived from the other. Throws std::bad_optional_access if the comment is not
// an owner's.
ruleset::Element standby_of(const ruleset::Element& port);
ruleset::Element port_of(const ruleset::Element& standby);

// The address that a port leads to, alone and with the port: "10.1.0.2 port 80".
net::Prefix target_of(const ruleset::Element& port);
std::string target_text(const ruleset::Element& port);

// The host port, the protocol and, if the port is published on one address without conditions, that address.
Mapping mapping_of(const ruleset::Element& port);

// The data of an element of publishers: the number of the owner's ports, and whether its host end is ours.
std::uint32_t port_count(const ruleset::Element& publisher);
bool has_host_end(const ruleset::Element& publisher);

}  // namespace portmap

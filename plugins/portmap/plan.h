// What the portmap plugin does to the table, planned from values alone.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "lib/nft/table.h"
#include "lib/plan/plan.h"
#include "plugins/portmap/config.h"

namespace portmap {

// What is to be published, and to where.
struct Wanted {
  Config config;
  std::vector<net::Prefix> addresses;  // of the container, one of each family at the most
  std::string localnet_link;  // the host's link towards the IPv4 address; "" when localhost is not served. Of a
                              // pair without a bridge it is the attachment's own, and goes with it
};

// What the table holds that concerns one attachment, at one generation.
struct Seen {
  std::uint32_t generation = 0;
  std::vector<nft::Element> published;  // under the keys that are wanted, whoever's; and all of the owner's
  std::vector<nft::Element> others;     // of publishers, snat4/6 and localnet, under the keys that are wanted
  std::vector<nft::Element> local;      // of local4/6, all
};

// The elements of the maps of ports that the attachment needs. Throws cni::Error when two mappings publish one port to
// different places.
std::vector<nft::Element> published_elements(const Wanted& wanted);

// The elements that go with them: publishers, snat4/6, localnet.
std::vector<nft::Element> other_elements(const Wanted& wanted, const std::vector<nft::Element>& published);

// Makes the table hold just what is wanted for this owner. Throws cni::Error code 101 when somebody else publishes one of
// the ports, and then nothing is changed.
plan::Plan plan_publish(const Wanted& wanted, const Seen& seen);

// Removes everything of the owner's among what was seen.
plan::Plan plan_withdraw(const net::Owner& owner, const Seen& seen);

// Is that an element of one of the four maps of ports?
bool is_published(const nft::Element& element);

// The sets and maps whose elements belong to attachments.
std::span<const std::string_view> owned_sets();

// The address that a port is published to.
net::Prefix target_of(const nft::Element& published);

// The port, protocol and, on one address only, the address that an element of the maps publishes.
Mapping mapping_of(const nft::Element& published);

// The keys that a mapping can have, in the maps of both families.
std::vector<nft::Element> keys_of(const Mapping& mapping);

}  // namespace portmap

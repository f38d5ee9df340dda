// What the portmap plugin does to the table, planned from values alone.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "lib/plan/plan.h"
#include "lib/ruleset/table.h"
#include "plugins/portmap/config.h"

namespace portmap {

// What is to be published, and to where.
struct Wanted {
  Config config;
  std::vector<net::Prefix> addresses;  // of the container, one of each family at the most
  std::string localnet_link;  // the host's link towards the IPv4 address; "" when localhost is not served. Of a
                              // pair without a bridge it is the attachment's own, and goes with it
  bool has_host_end = false;  // is the host end of the attachment ours, so that its absence tells that it is gone?
};

// What the table holds that concerns one attachment, at one generation.
struct Seen {
  std::uint32_t generation = 0;
  std::vector<ruleset::Element> published;  // under the keys that are wanted, whoever's; and all of the owner's
  std::vector<ruleset::Element>
      others;  // of publishers, snat4/6, masqall4/6 and localnet, under the keys that are wanted
  std::vector<ruleset::Element> local;  // of local4/6: plan::observe_local()
  std::vector<std::string> gone = {};   // owners among those of `published` whose attachment is not there any more
  std::vector<ruleset::Table::SeenConditions> conditions = {};  // the lists of conditions that have a map
};

// Element of `publishers`: how many elements of the maps are the owner's, and whether its host end is of ours.
std::uint32_t publisher_mark(std::size_t published, bool has_host_end);
std::uint32_t published_count(const ruleset::Element& publisher);
bool has_host_end(const ruleset::Element& publisher);

// The lists of conditions that the wanted ports are published under.
std::vector<ruleset::Conditions> conditions_of(const Wanted& wanted);

// The elements of the maps of ports that the attachment needs. Throws cni::Error when two mappings publish one port to
// different places.
std::vector<ruleset::Element> published_elements(const Wanted& wanted);

// The elements that go with them: publishers, snat4/6, localnet.
std::vector<ruleset::Element> other_elements(const Wanted& wanted, const std::vector<ruleset::Element>& published);

// Makes the table hold just what is wanted for this owner. A port of an owner that is gone, or that leads to an address
// which is ours now, is taken over. Throws cni::Error code 101 when somebody else publishes one of the ports, and then
// nothing is changed.
plan::Plan plan_publish(const Wanted& wanted, const Seen& seen);

// Removes everything of the owner's among what was seen.
plan::Plan plan_withdraw(const net::Owner& owner, const Seen& seen);

// Removes these maps of conditions, which no element is in.
plan::Plan plan_forget_conditions(const std::vector<ruleset::Table::SeenConditions>& empty, std::uint32_t generation);

// Is that an element of a map of ports?
bool is_published(const ruleset::Element& element);

// The sets and maps whose elements belong to attachments, but for those of conditions.
std::span<const std::string_view> owned_sets();

// The address that a port is published to.
net::Prefix target_of(const ruleset::Element& published);

// The port, protocol and, on one address only and not under conditions, the address that an element of the maps publishes.
Mapping mapping_of(const ruleset::Element& published);

// The keys that a mapping has, in the maps of both families.
std::vector<ruleset::Element> keys_of(const Config& config, const Mapping& mapping);

}  // namespace portmap

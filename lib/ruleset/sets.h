// SPDX-License-Identifier: Apache-2.0
// The sets and maps of our tables: what they hold, and what their elements live with.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "lib/net/address.h"
#include "lib/nft/set.h"

namespace ruleset {

// What the elements of a set live with. DEL and GC delete those of an attachment; those of a network stay when its last
// container leaves, as its bridge does; those of a bridge go with the last container on it.
enum class Lifetime : std::uint8_t { attachment, network, bridge };

// The feature that a set serves. The GC of a plugin collects the parts that the plugin writes.
enum class Part : std::uint8_t { masquerade, source_check, port, condition, forward };  // condition: portmap's maps

struct Set : nft::Set {
  Part part = Part::masquerade;
  Lifetime lifetime = Lifetime::attachment;
};

// Every set and map of both tables, in the order in which they are listed. The bytes of a set's elements never change: a set
// that needs others takes another name, so that a newer Footbridge leaves the elements of an older one where they are.
std::span<const Set> sets();

// The set of that name in a list. Those that belong to conditions (condition.h), "when4-..." and "when6-...", are made as they are
// needed and share one description each. Throws std::out_of_range.
const Set& set_named(std::string_view name, std::span<const Set> all = sets());

// The table of that set; inet for a set that is in no list of ours.
nft::Home home_of(std::string_view name);

// The sets that exist once a family.
const Set& masquerade_set(net::Family family);      // masq4, masq6
const Set& local_set(net::Family family);           // local4, local6
const Set& published_set(net::Family family);       // snat4, snat6
const Set& host_port_map(net::Family family);       // hostport4, hostport6
const Set& host_ip_map(net::Family family);         // hostip4, hostip6
const Set& standby_map(net::Family family);         // standby4, standby6
const Set& owner_map(net::Family family);           // owners4, owners6
const Set& forward_set(net::Family family);         // forward4, forward6
const Set& forwarded_map(net::Family family);       // forwarded4, forwarded6
const Set& exclude_set(net::Family family);         // exclude4, exclude6
const Set& source_map(net::Family family);          // source4, source6
const Set& random_set(net::Family family);          // random4, random6
const Set& masquerade_all_set(net::Family family);  // masqall4, masqall6
const Set& bridged_set(net::Family family);         // ips4, ips6
const Set& bridged_owner_map(net::Family family);   // ipsof4, ipsof6

}  // namespace ruleset

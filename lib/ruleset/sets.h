// SPDX-License-Identifier: Apache-2.0
// The sets and maps of our tables: their content and the lifetime of their elements.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "lib/net/address.h"
#include "lib/nft/set.h"

namespace ruleset {

// When elements of a set are deleted. An attachment's: by DEL and GC. A network's: never, like its bridge. A bridge's:
// when the last container on it leaves.
enum class Lifetime : std::uint8_t { attachment, network, bridge };

// The feature that a set serves. A plugin's GC collects the parts that the plugin writes.
enum class Part : std::uint8_t { masquerade, source_check, port, condition, forward };  // condition: portmap's maps

struct Set : nft::Set {
  Part part = Part::masquerade;
  Lifetime lifetime = Lifetime::attachment;
};

// Every set and map of both tables, in listing order. The layout of a set's elements never changes: a set with another
// layout gets another name, so that a newer Footbridge leaves the elements of an older one alone.
std::span<const Set> sets();

// The set of that name in a list. The maps of conditions (condition.h), "when4-..." and "when6-...", are created when
// needed and share one description per family. Throws std::out_of_range.
const Set& set_named(std::string_view name, std::span<const Set> all = sets());

// The table of that set; inet for a set that is not in our list.
nft::TableFamily table_family_of(std::string_view name);

// The sets that exist once per family.
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

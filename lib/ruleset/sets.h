// The sets and maps of our tables: what they hold, and what their elements live with.
#pragma once

#include <span>
#include <string_view>

#include "lib/net/address.h"
#include "lib/nft/set.h"

namespace ruleset {

// Every set and map of both tables, in the order in which they are listed. A set never changes its type: one that needs
// another takes another name, so that a newer Footbridge leaves the elements of an older one where they are.
std::span<const nft::Set> sets();

// The set of that name. Those that belong to conditions (condition.h), "when4-..." and "when6-...", are made as they are
// needed and share one description each. Throws std::out_of_range.
const nft::Set& set_named(std::string_view name);

// The sets that exist once a family.
const nft::Set& masquerade_set(net::Family family);      // masq4, masq6
const nft::Set& local_set(net::Family family);           // local4, local6
const nft::Set& published_set(net::Family family);       // snat4, snat6
const nft::Set& host_port_map(net::Family family);       // hostport4, hostport6
const nft::Set& host_ip_map(net::Family family);         // hostip4, hostip6
const nft::Set& owner_map(net::Family family);           // owners4, owners6
const nft::Set& forward_set(net::Family family);         // forward4, forward6
const nft::Set& forwarded_map(net::Family family);       // forwarded4, forwarded6
const nft::Set& exclude_set(net::Family family);         // exclude4, exclude6
const nft::Set& source_map(net::Family family);          // source4, source6
const nft::Set& random_set(net::Family family);          // random4, random6
const nft::Set& masquerade_all_set(net::Family family);  // masqall4, masqall6
const nft::Set& bridged_set(net::Family family);         // ips4, ips6
const nft::Set& bridged_owner_map(net::Family family);   // ipsof4, ipsof6

}  // namespace ruleset

// SPDX-License-Identifier: Apache-2.0
// Masquerading of an attachment's addresses, for every plugin with "ipMasq".
//
// Per attachment: its addresses in masq4 and masq6; in owners4 and owners6 by the host end's name and an ordinal, so
// that DEL finds them by key alone; in source4/6 if the source address is not the outgoing link's; in random4/6 if
// ports are random. Per network: the pair of its subnet with itself in local4 and local6, which exempts traffic inside
// the subnet, and pairs with excluded destinations in exclude4 and exclude6. Pairs belong to the network and stay when
// its last container leaves, as the bridge does.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "lib/net/owner.h"
#include "lib/net/prefix.h"
#include "lib/plan/plan.h"
#include "lib/ruleset/table.h"

namespace masquerade {

// The key "masquerade" beside "ipMasq".
struct Options {
  std::vector<net::Prefix> exclude = {};   // destinations that see the container's own address
  std::vector<net::Address> sources = {};  // source addresses, at most one per family; default: the outgoing link's
  bool has_ipv4 = true;                    // masquerade this family
  bool has_ipv6 = true;
  bool is_random = false;  // random source ports (NF_NAT_RANGE_PROTO_RANDOM_FULLY)

  [[nodiscard]] bool covers(net::Family family) const { return family == net::Family::v4 ? has_ipv4 : has_ipv6; }
};

// The table's content that concerns one attachment, at one generation.
struct Seen {
  std::uint32_t generation = 0;
  std::vector<ruleset::Element> owned;         // in owners4/6, by the attachment's host end
  std::vector<ruleset::Element> addresses;     // in masq, source and random: addresses of `owned` and requested ones
  std::vector<ruleset::Element> local;         // in local4/6: observe_local()
  std::vector<ruleset::Element> exclude = {};  // in exclude4/6: all of the families of addresses and `owned`
};
Seen observe(const ruleset::Table& table, const net::Owner& owner, const std::vector<net::Prefix>& addresses);

// Makes the table hold exactly these addresses for the owner; plans nothing if it does already. Takes over addresses of
// other owners: IPAM allocated them to us, so their former containers are gone. Throws std::system_error (EEXIST) if
// another network's excluded destination conflicts (exclusion.h).
plan::Plan plan_masquerade(const net::Owner& owner, const std::vector<net::Prefix>& addresses, const Options& wanted,
                           const Seen& seen);

// Removes only the owner's elements: an address may already belong to the next container.
plan::Plan plan_no_masquerade(const net::Owner& owner, const Seen& seen);

// Adds the subnets' pairs that no present pair covers, replacing pairs that they cover. A subnet of one address (/32,
// /128) has no pair.
void plan_local(plan::Plan& plan, const std::string& network, const std::vector<net::Prefix>& subnets,
                const std::vector<ruleset::Element>& local);

// The input of plan_local() for these subnets: their own pairs if all exist, else all pairs of their families.
std::vector<ruleset::Element> observe_local(const ruleset::Table& table, const std::vector<net::Prefix>& subnets);

}  // namespace masquerade

// SPDX-License-Identifier: Apache-2.0
// Masquerading of an attachment's addresses, for every plugin that has "ipMasq".
//
// Per attachment: its addresses in masq4 and masq6, and in owners4 and owners6 by the host end's name and an ordinal, so
// that DEL finds them by key alone; in source4/6 and random4/6 where it is not the outgoing link's address, or not the
// kernel's choice of a port. Per network: the pair of its subnet with itself in local4 and local6, which keeps what stays
// inside as it is, and pairs with the excluded destinations in exclude4 and exclude6. Pairs belong to the network and stay
// when its last container leaves, as the bridge does.
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
  std::vector<net::Address> sources = {};  // what it goes out under, one of a family at most; else the outgoing link's
  bool has_ipv4 = true;                    // families that are masqueraded
  bool has_ipv6 = true;
  bool is_random = false;  // ports chosen at random (NF_NAT_RANGE_PROTO_RANDOM_FULLY)

  [[nodiscard]] bool covers(net::Family family) const { return family == net::Family::v4 ? has_ipv4 : has_ipv6; }
};

// What the table holds that concerns one attachment, at one generation.
struct Seen {
  std::uint32_t generation = 0;
  std::vector<ruleset::Element> owned;  // of owners4/6, by the attachment's host end
  std::vector<ruleset::Element>
      addresses;                        // of masq, source and random: those of `owned`, and those that were asked for
  std::vector<ruleset::Element> local;  // of local4/6: observe_local()
  std::vector<ruleset::Element> exclude = {};  // of exclude4/6, all of the families of addresses and of `owned`
};
Seen observe(const ruleset::Table& table, const net::Owner& owner, const std::vector<net::Prefix>& addresses);

// Makes the table hold just these addresses for the owner; nothing when it does already. An address that another owner
// still has is taken over: IPAM gave it to us, so its former container is gone. Throws std::system_error (EEXIST) when an
// excluded destination of another network is in the way (exclusion.h).
plan::Plan plan_masquerade(const net::Owner& owner, const std::vector<net::Prefix>& addresses, const Options& wanted,
                           const Seen& seen);

// Removes what is the owner's, and only that: an address may belong to the next container already.
plan::Plan plan_no_masquerade(const net::Owner& owner, const Seen& seen);

// Adds the subnets' pairs that no pair covers yet, in place of the pairs that they cover themselves. A subnet of one address
// (/32, /128) has no inside, and no pair.
void plan_local(plan::Plan& plan, const std::string& network, const std::vector<net::Prefix>& subnets,
                const std::vector<ruleset::Element>& local);

// What plan_local() must know for these subnets: their own pairs where all are there, else all pairs of their families.
std::vector<ruleset::Element> observe_local(const ruleset::Table& table, const std::vector<net::Prefix>& subnets);

}  // namespace masquerade

// SPDX-License-Identifier: Apache-2.0
// The addresses of an attachment that the host's firewalls accept. forward4 and forward6 contain them with the owner as
// comment. forwarded4 and forwarded6 map the owner (its host end's name and an ordinal) to them, so DEL finds them by
// key without prevResult, at a cost independent of the number of containers.
#pragma once

#include <cstdint>
#include <vector>

#include "lib/net/owner.h"
#include "lib/net/prefix.h"
#include "lib/plan/plan.h"
#include "lib/ruleset/table.h"

namespace firewall {

// The table's elements of one attachment, at one generation.
struct OwnedAddressesSeen {
  std::uint32_t generation = 0;
  std::vector<ruleset::Element> owned;      // of forwarded4/6, with the attachment's host end as key
  std::vector<ruleset::Element> addresses;  // of forward4/6: the addresses in `owned` and the requested ones
};
// Does the owner have any?
bool has_owned_addresses(const ruleset::Table& table, const net::Owner& owner);

OwnedAddressesSeen observe_owned_addresses(const ruleset::Table& table, const net::Owner& owner,
                                           const std::vector<net::Prefix>& addresses);

// Changes the table to contain exactly these addresses for the owner. Takes over an address of another owner: IPAM
// allocated it to us, so the other container is gone.
plan::Plan plan_owned_addresses(const net::Owner& owner, const std::vector<net::Prefix>& addresses,
                                const OwnedAddressesSeen& seen);

// Deletes the owner's elements only.
plan::Plan plan_no_owned_addresses(const net::Owner& owner, const OwnedAddressesSeen& seen);

// The addresses that still belong to the owner.
std::vector<net::Address> owned_addresses(const net::Owner& owner, const OwnedAddressesSeen& seen);

}  // namespace firewall

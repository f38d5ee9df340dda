// SPDX-License-Identifier: Apache-2.0
// The addresses of an attachment that the host's firewalls were told to let through: forward4 and forward6 hold them with the
// owner as comment, and forwarded4 and forwarded6 lead from the owner (its host end's name, an ordinal) to them, so that DEL
// finds them by key alone, however many containers there are, and without prevResult.
#pragma once

#include <cstdint>
#include <vector>

#include "lib/net/owner.h"
#include "lib/net/prefix.h"
#include "lib/plan/plan.h"
#include "lib/ruleset/table.h"

namespace firewall {

// What the table holds that concerns one attachment, at one generation.
struct OwnedAddressesSeen {
  std::uint32_t generation = 0;
  std::vector<ruleset::Element> owned;      // of forwarded4/6, by the attachment's host end
  std::vector<ruleset::Element> addresses;  // of forward4/6: those of `owned`, and those that were asked for
};
// Has the owner any?
bool has_owned_addresses(const ruleset::Table& table, const net::Owner& owner);

OwnedAddressesSeen observe_owned_addresses(const ruleset::Table& table, const net::Owner& owner,
                                           const std::vector<net::Prefix>& addresses);

// Makes the table hold just these addresses for the owner. One that another owner still has is taken over: IPAM gave it to us,
// so its former container is gone.
plan::Plan plan_owned_addresses(const net::Owner& owner, const std::vector<net::Prefix>& addresses,
                                const OwnedAddressesSeen& seen);

// Removes what is the owner's, and only that.
plan::Plan plan_no_owned_addresses(const net::Owner& owner, const OwnedAddressesSeen& seen);

// The addresses that are the owner's still.
std::vector<net::Address> owned_addresses(const net::Owner& owner, const OwnedAddressesSeen& seen);

}  // namespace firewall

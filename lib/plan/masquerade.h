// Masquerading of an attachment's addresses, for every plugin that has "ipMasq".
//
// Per attachment: its addresses in masq4 and masq6, and in owners4 and owners6 by the host end's name and an ordinal, so
// that DEL finds them by key alone. Per network: the pair of its subnet with itself in local4 and local6, which keeps
// what stays inside as it is. The pair belongs to the network and stays when its last container leaves, as the bridge does.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "lib/net/owner.h"
#include "lib/net/prefix.h"
#include "lib/nft/table.h"
#include "lib/plan/plan.h"

namespace plan {

// What the table holds that concerns one attachment, at one generation.
struct MasqueradeSeen {
  std::uint32_t generation = 0;
  std::vector<nft::Element> owned;      // of owners4/6, by the attachment's host end
  std::vector<nft::Element> addresses;  // of masq4/6: those of `owned`, and those that were asked for
  std::vector<nft::Element> local;      // of local4/6, all
};
MasqueradeSeen observe_masquerade(const nft::Table& table, const net::Owner& owner,
                                  const std::vector<net::Prefix>& addresses);

// Makes the table hold just these addresses for the owner; nothing when it does already. An address that another owner
// still has is taken over: IPAM gave it to us, so its former container is gone.
Plan plan_masquerade(const net::Owner& owner, const std::vector<net::Prefix>& addresses, const MasqueradeSeen& seen);

// Removes what is the owner's, and only that: an address may belong to the next container already.
Plan plan_no_masquerade(const net::Owner& owner, const MasqueradeSeen& seen);

// Adds the subnets' pairs that no pair covers yet, in place of the pairs that they cover themselves. A subnet of one address
// (/32, /128) has no inside, and no pair.
void plan_local(Plan& plan, const std::string& network, const std::vector<net::Prefix>& subnets,
                const std::vector<nft::Element>& local);

// All pairs of both families.
std::vector<nft::Element> observe_local(const nft::Table& table);

}  // namespace plan

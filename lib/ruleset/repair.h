// SPDX-License-Identifier: Apache-2.0
// Checking and repairing our nftables tables: creates an absent table, restores lost chains and rules of a broken one.
//
// A repair keeps the sets with their elements and the administrators' chains. It flushes our own chains and creates
// them again in one transaction, so that no packet meets an incomplete ruleset. Chain comments are compared, so they
// must not change without a reason: every node would repair its table, and versions with different comments would do so
// in turn.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "lib/netlink/socket.h"
#include "lib/nft/table_family.h"
#include "lib/ruleset/condition.h"
#include "lib/ruleset/transaction.h"

namespace ruleset {

// True if there is a table of that name.
bool exists(netlink::Socket& socket, nft::TableFamily family);

// intact: every chain of this version exists with its comment and its number of rules, and every set exists.
enum class State : std::uint8_t { absent, broken, intact };
State observe_state(netlink::Socket& socket, nft::TableFamily family);

// Adds the steps that create an absent table. They fail with Raced if it exists by then.
void add_all(nft::TableFamily family, Transaction& transaction);

// Adds the steps that repair a broken table. They depend on the state read here, so the transaction must be bound to
// the generation read before.
void add_missing(netlink::Socket& socket, nft::TableFamily family, Transaction& transaction);

// The names of the administrators' chains (admin.h).
std::vector<std::string> admin_chains(netlink::Socket& socket);

// The lists of conditions that have a map.
std::vector<Conditions> conditions(netlink::Socket& socket);

}  // namespace ruleset

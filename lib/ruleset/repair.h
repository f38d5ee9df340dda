// SPDX-License-Identifier: Apache-2.0
// Checking and repairing our nftables tables: everything is created if the table is absent, lost chains and rules are restored if it
// is broken.
//
// A repair leaves the sets with their elements and the chains of administrators as they are: our own chains are emptied and
// made again in one transaction, so that not one packet meets half a ruleset.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "lib/netlink/socket.h"
#include "lib/nft/home.h"
#include "lib/ruleset/condition.h"
#include "lib/ruleset/transaction.h"

namespace ruleset {

// Is there a table of that name?
bool is_there(netlink::Socket& socket, nft::Home home);

// intact: it has every chain of this version, each with as many rules as it should have, and every set.
enum class State : std::uint8_t { absent, broken, intact };
State observe_state(netlink::Socket& socket, nft::Home home);

// The steps that make a table which was absent; they fail with Raced when it is there by then.
void add_all(nft::Home home, Transaction& transaction);

// The steps that repair a broken one; they rest on what is read here, so the transaction must be bound to the generation
// read before.
void add_missing(netlink::Socket& socket, nft::Home home, Transaction& transaction);

// The names of the chains of administrators (admin.h).
std::vector<std::string> admin_chains(netlink::Socket& socket);

// The lists of conditions that have a map.
std::vector<Conditions> conditions(netlink::Socket& socket);

}  // namespace ruleset

// Is a table of ours whole, and what makes it so: all of it where there is none, its chains and rules where some are lost.
//
// Mending leaves the sets with their elements and the chains of administrators as they are: our own chains are emptied and
// made again in one transaction, so that not one packet meets half a ruleset.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "lib/netlink/socket.h"
#include "lib/nft/condition.h"
#include "lib/nft/home.h"
#include "lib/nft/transaction.h"

namespace nft {

// Is there a table of that name?
bool is_there(netlink::Socket& socket, Home home);

// whole: it has every chain of this version, each with as many rules as it should have, and every set.
enum class State : std::uint8_t { absent, broken, whole };
State observe_state(netlink::Socket& socket, Home home);

// The steps that make a table which was absent; they fail with Raced when it is there by then.
void add_all(Home home, Transaction& transaction);

// The steps that make a broken one whole; they rest on what is read here, so the transaction must be bound to the generation
// read before.
void add_missing(netlink::Socket& socket, Home home, Transaction& transaction);

// The names of the chains of administrators (admin.h).
std::vector<std::string> admin_chains(netlink::Socket& socket);

// The lists of conditions that have a map.
std::vector<Conditions> conditions(netlink::Socket& socket);

}  // namespace nft

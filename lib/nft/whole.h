// Is a table of ours whole, and what makes it so: all of it where there is none, its chains and rules where some are lost.
//
// Mending leaves the sets with their elements and the chains of administrators as they are: our own chains are emptied and
// made again in one transaction, so that not one packet meets half a ruleset.
#pragma once

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

// Has it every chain of this version, each with as many rules as it should have?
bool is_whole(netlink::Socket& socket, Home home);

// The steps that make it whole; they rest on what was read here, so the transaction must be bound to the generation read
// before.
void add_missing(netlink::Socket& socket, Home home, Transaction& transaction);

// The names of the chains of administrators (admin.h).
std::vector<std::string> admin_chains(netlink::Socket& socket);

// The lists of conditions that have a map.
std::vector<Conditions> conditions(netlink::Socket& socket);

}  // namespace nft

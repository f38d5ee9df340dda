// SPDX-License-Identifier: Apache-2.0
// A host as it is with many containers, made of the one that is there: the rules of container 0 are written again for others
// (copies.h).
#pragma once

#include <string>

#include "tests/bench/traffic_side.h"
#include "tests/netns/host.h"

namespace traffic {

inline constexpr const char* kFirstId = "c0";             // container 0
inline constexpr const char* kFirstAddress = "10.1.0.2";  // as host-local gives it
inline constexpr const char* kFilled = "10.1.64.0/18";    // holds the addresses of all that are made up

// Of a container that is made up, from 1 on.
std::string filled_address(int container);

// Gives the host the rules, or elements, of containers 1 to `count`. Links and files they have none. Throws
// std::runtime_error when nft or iptables-restore refuses them.
void fill(const test::Host& host, const Side& side, int count);

}  // namespace traffic

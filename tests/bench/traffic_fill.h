// SPDX-License-Identifier: Apache-2.0
// Simulates a host with many containers: copies the rules of container 0 for others (copies.h).
#pragma once

#include <string>

#include "tests/bench/traffic_side.h"
#include "tests/netns/host.h"

namespace traffic {

inline constexpr const char* kFirstId = "c0";             // container 0
inline constexpr const char* kFirstAddress = "10.1.0.2";  // host-local's first
inline constexpr const char* kFilled = "10.1.64.0/18";    // contains the copies' addresses

// The address of a copy, from 1 on.
std::string filled_address(int container);

// Adds the rules, or elements, of containers 1 to `count`; they have no links and files. Throws std::runtime_error if
// nft or iptables-restore fails.
void fill(const test::Host& host, const Side& side, int count);

}  // namespace traffic

// SPDX-License-Identifier: Apache-2.0
// Our two tables: both are named footbridge, one in family inet and one in family bridge.
#pragma once

#include <array>
#include <cstdint>
#include <string>

namespace nft {

inline constexpr const char* kTable = "footbridge";

enum class Home : std::uint8_t {
  inet,    // routed packets: NAT, the firewall
  bridge,  // bridged frames: source addresses of containers, isolation of bridge ports
};
inline constexpr std::array kHomes{Home::inet, Home::bridge};

std::uint8_t family_of(Home home);  // NFPROTO_*

// "inet footbridge"
std::string text(Home home);

}  // namespace nft

// SPDX-License-Identifier: Apache-2.0
// Which of our two tables: both are named footbridge, one is of family inet and one of family bridge.
#pragma once

#include <array>
#include <cstdint>
#include <string>

namespace nft {

inline constexpr const char* kTable = "footbridge";

enum class Home : std::uint8_t {
  inet,    // what is routed: NAT, the firewall
  bridge,  // what is bridged: source addresses of containers, isolation of a bridge's ports
};
inline constexpr std::array kHomes{Home::inet, Home::bridge};

std::uint8_t family_of(Home home);  // NFPROTO_*

// "inet footbridge"
std::string text(Home home);

}  // namespace nft

// SPDX-License-Identifier: Apache-2.0
// Our two tables: both are named footbridge, one in family inet and one in family bridge.
#pragma once

#include <array>
#include <cstdint>
#include <string>

namespace nft {

inline constexpr const char* kTable = "footbridge";

enum class TableFamily : std::uint8_t {
  inet,    // routed packets: NAT, the firewall
  bridge,  // bridged frames: source addresses of containers, isolation of bridge ports
};
inline constexpr std::array kTableFamilies{TableFamily::inet, TableFamily::bridge};

std::uint8_t protocol_of(TableFamily family);  // NFPROTO_*

// "inet footbridge"
std::string text(TableFamily family);

}  // namespace nft

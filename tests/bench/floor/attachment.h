// SPDX-License-Identifier: Apache-2.0
// The attachment that the floor adds or deletes, from its command line.
#pragma once

#include <cstdint>

namespace bench {

struct FloorAddress {
  int family = 0;              // AF_INET, AF_INET6; 0: none
  const char* text = nullptr;  // without the prefix length: the name of its file in the store
  std::uint8_t length = 0;     // prefix length
  std::uint8_t bytes[16] = {};
  std::uint8_t gateway[16] = {};
  [[nodiscard]] std::uint16_t size() const { return family == 2 ? 4 : 16; }
};

struct FloorAttachment {
  const char* netns = nullptr;  // a path
  const char* container = nullptr;
  const char* host_end = nullptr;
  const char* plugin = nullptr;  // bridge, macvlan or ipvlan
  std::uint32_t link = 0;        // index of the bridge, or of the parent
  const char* store = nullptr;
  std::uint16_t first_port = 0;  // on the host; the container's ports are 80 and following
  std::uint16_t ports = 0;
  FloorAddress addresses[2] = {};
  char owner[128] = {};  // "n/CONTAINER/eth0"
  [[nodiscard]] bool has_bridge() const { return plugin[0] == 'b'; }
};

inline constexpr const char* kFloorNetwork = "n";
inline constexpr const char* kFloorIfname = "eth0";

// Prints "bench_floor: WHAT: errno's text" and exits with 1.
[[noreturn]] void fail(const char* what);

}  // namespace bench

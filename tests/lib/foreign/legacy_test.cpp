// SPDX-License-Identifier: Apache-2.0
// Malformed tables of iptables-legacy: reading them must end.
#include "lib/foreign/legacy.h"

#include <doctest/doctest.h>

using foreign::LegacyFilter;

TEST_CASE("an empty table and offsets outside of it are chains without rules") {
  for (const net::Family family : {net::Family::v4, net::Family::v6}) {
    for (const std::size_t offset : {std::size_t{0}, std::size_t{112}, std::size_t{4096}}) {
      const LegacyFilter filter(family, std::vector<std::uint8_t>(256), offset, 200);
      CHECK(filter.chain(filter.forward()).empty());
      CHECK(!filter.drops_the_rest());
    }
  }
}

TEST_CASE("reading arbitrary bytes ends") {
  for (const std::uint8_t byte : {std::uint8_t{1}, std::uint8_t{32}, std::uint8_t{0x70}, std::uint8_t{0xff}}) {
    for (const net::Family family : {net::Family::v4, net::Family::v6}) {
      const LegacyFilter filter(family, std::vector<std::uint8_t>(2048, byte), 0, 1024);
      CHECK(filter.chain("0").size() < 32);
      CHECK(!filter.drops_the_rest());
    }
  }
}

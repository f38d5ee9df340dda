// SPDX-License-Identifier: Apache-2.0
// An address with a prefix length: "10.1.0.2/24". Host bits are kept, because the address of an interface is a Prefix
// too.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "lib/net/address.h"

namespace net {

struct Prefix {
  Address address;
  std::uint8_t length = 0;  // 0..32 or 0..128

  // Parses "<address>/<length>"; the length is decimal, without sign or leading zeros. nullopt otherwise.
  static std::optional<Prefix> parse(std::string_view text);

  [[nodiscard]] Family family() const { return address.family(); }
  [[nodiscard]] std::string text() const;

  [[nodiscard]] Address first() const;   // all host bits zero: the network's address
  [[nodiscard]] Address last() const;    // all host bits one: the broadcast address in IPv4
  [[nodiscard]] Prefix network() const;  // host bits cleared
  [[nodiscard]] bool has_host_bits() const;
  [[nodiscard]] bool contains(const Address& other) const;
  [[nodiscard]] bool overlaps(const Prefix& other) const;

  // One address alone: /32 or /128.
  static Prefix host(const Address& address);

  // Every address of the family: 0.0.0.0/0 or ::/0.
  static Prefix any(Family family);
  [[nodiscard]] bool is_any() const { return length == 0; }

  friend auto operator<=>(const Prefix&, const Prefix&) = default;
};

}  // namespace net

// SPDX-License-Identifier: Apache-2.0
// A 48-bit Ethernet address.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace net {

struct Mac {
  std::array<std::uint8_t, 6> bytes{};

  // Six pairs of hexadecimal digits separated by ":" or "-", or three groups of four digits separated by ".", as Go's
  // net.ParseMAC for 48 bits. nullopt otherwise.
  static std::optional<Mac> parse(std::string_view text);

  // Six bytes; any other size throws std::invalid_argument.
  static Mac from_bytes(std::span<const std::uint8_t> bytes);

  [[nodiscard]] std::string text() const;  // "0a:58:0a:01:00:02"
  [[nodiscard]] bool is_multicast() const { return (bytes[0] & 1U) != 0; }
  [[nodiscard]] bool is_zero() const { return bytes == decltype(bytes){}; }

  // An interface can have it: neither multicast nor zero (is_valid_ether_addr in linux/etherdevice.h).
  [[nodiscard]] bool is_unicast() const { return !is_multicast() && !is_zero(); }

  friend auto operator<=>(const Mac&, const Mac&) = default;
};

}  // namespace net

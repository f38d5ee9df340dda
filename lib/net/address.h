// SPDX-License-Identifier: Apache-2.0
// IPv4 and IPv6 addresses: arithmetic and text, no system calls.
#pragma once

#include <sys/socket.h>

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace net {

enum class Family : std::uint8_t { v4 = AF_INET, v6 = AF_INET6 };

// The number of bits of an address: 32 or 128.
constexpr unsigned bits(Family family) { return family == Family::v4 ? 32 : 128; }

class Address {
 public:
  Address() = default;  // 0.0.0.0

  // Parses a dotted quad without leading zeros, or RFC 4291 text. An IPv4-mapped IPv6 address (::ffff:10.0.0.1)
  // becomes IPv4, as in the reference. nullopt otherwise.
  static std::optional<Address> parse(std::string_view text);

  // 4 or 16 bytes in network order; any other size throws std::invalid_argument.
  static Address from_bytes(std::span<const std::uint8_t> bytes);

  [[nodiscard]] Family family() const { return family_; }
  [[nodiscard]] bool is_v4() const { return family_ == Family::v4; }

  // 4 or 16 bytes in network order.
  [[nodiscard]] std::span<const std::uint8_t> bytes() const { return {bytes_.data(), bits(family_) / 8}; }

  // Dotted quad, or RFC 5952 (lower case, the longest run of zeros as "::").
  [[nodiscard]] std::string text() const;

  [[nodiscard]] bool is_unspecified() const;  // 0.0.0.0 or ::
  [[nodiscard]] bool is_loopback() const;     // 127.0.0.0/8 or ::1

  // The adjacent address. Wraps around at the ends of the family's range.
  [[nodiscard]] Address next() const;
  [[nodiscard]] Address previous() const;

  // IPv4 sorts before IPv6, then by value.
  friend auto operator<=>(const Address&, const Address&) = default;

 private:
  Family family_ = Family::v4;
  std::array<std::uint8_t, 16> bytes_{};
};

}  // namespace net

// SPDX-License-Identifier: Apache-2.0
#include "lib/net/prefix.h"

#include <array>
#include <charconv>

namespace net {
namespace {

// The address with every host bit set to `one`.
Address with_host_bits(const Prefix& prefix, bool one) {
  std::array<std::uint8_t, 16> raw{};
  const auto bytes = prefix.address.bytes();
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const int network_bits = static_cast<int>(prefix.length) - static_cast<int>(i * 8);
    const int kept = network_bits < 0 ? 0 : (network_bits > 8 ? 8 : network_bits);
    const auto mask = static_cast<std::uint8_t>(0xff00U >> static_cast<unsigned>(kept));
    raw.at(i) = static_cast<std::uint8_t>((bytes[i] & mask) | (one ? static_cast<std::uint8_t>(~mask) : 0U));
  }
  return Address::from_bytes({raw.data(), bytes.size()});
}

}  // namespace

std::optional<Prefix> Prefix::parse(std::string_view text) {
  const std::size_t slash = text.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  const std::string_view digits = text.substr(slash + 1);
  const auto address = Address::parse(text.substr(0, slash));
  if (!address || digits.empty() || (digits.size() > 1 && digits[0] == '0')) return std::nullopt;
  unsigned length = 0;
  const auto [end, failed] = std::from_chars(digits.data(), digits.data() + digits.size(), length);
  if (failed != std::errc() || end != digits.data() + digits.size() || length > bits(address->family())) {
    return std::nullopt;
  }
  return Prefix{*address, static_cast<std::uint8_t>(length)};
}

std::string Prefix::text() const { return address.text() + "/" + std::to_string(length); }

Address Prefix::first() const { return with_host_bits(*this, false); }

Address Prefix::last() const { return with_host_bits(*this, true); }

Prefix Prefix::network() const { return {first(), length}; }

bool Prefix::has_host_bits() const { return address != first(); }

bool Prefix::contains(const Address& other) const {
  return other.family() == family() && Prefix{other, length}.first() == first();
}

bool Prefix::overlaps(const Prefix& other) const {
  if (family() != other.family()) return false;
  return length <= other.length ? contains(other.address) : other.contains(address);
}

Prefix Prefix::host(const Address& address) { return {address, static_cast<std::uint8_t>(bits(address.family()))}; }

Prefix Prefix::any(Family family) {
  constexpr std::array<std::uint8_t, 16> kZero{};
  return {Address::from_bytes({kZero.data(), bits(family) / 8}), 0};
}

}  // namespace net

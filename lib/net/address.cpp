// SPDX-License-Identifier: Apache-2.0
#include "lib/net/address.h"

#include <arpa/inet.h>

#include <algorithm>
#include <cstdio>
#include <stdexcept>

namespace net {
namespace {

constexpr std::array<std::uint8_t, 12> kMapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

bool is_zero(std::uint8_t byte) { return byte == 0; }

}  // namespace

std::optional<Address> Address::parse(std::string_view text) {
  if (text.size() >= INET6_ADDRSTRLEN) return std::nullopt;
  const std::string terminated(text);
  if (terminated.find('\0') != std::string::npos) return std::nullopt;
  std::array<std::uint8_t, 16> raw{};
  if (::inet_pton(AF_INET, terminated.c_str(), raw.data()) == 1) return from_bytes({raw.data(), 4});
  if (::inet_pton(AF_INET6, terminated.c_str(), raw.data()) != 1) return std::nullopt;
  if (std::equal(kMapped.begin(), kMapped.end(), raw.begin())) return from_bytes({raw.data() + kMapped.size(), 4});
  return from_bytes(raw);
}

Address Address::from_bytes(std::span<const std::uint8_t> bytes) {
  if (bytes.size() != 4 && bytes.size() != 16) throw std::invalid_argument("an address has 4 or 16 bytes");
  Address result;
  result.family_ = bytes.size() == 4 ? Family::v4 : Family::v6;
  std::copy(bytes.begin(), bytes.end(), result.bytes_.begin());
  return result;
}

std::string Address::text() const {
  std::array<char, INET6_ADDRSTRLEN> buffer{};
  // glibc prints ::102:304 as ::1.2.3.4, the IPv4-compatible form that RFC 4291 abolished. No other program does, and
  // file names in an address store must not depend on the program.
  const bool is_compatible = !is_v4() && std::all_of(bytes_.begin(), bytes_.begin() + 12, is_zero) &&
                             !std::all_of(bytes_.begin() + 12, bytes_.begin() + 14, is_zero);
  if (is_compatible) {
    const unsigned high = bytes_[12] * 256U + bytes_[13];
    const unsigned low = bytes_[14] * 256U + bytes_[15];
    std::snprintf(buffer.data(), buffer.size(), "::%x:%x", high, low);
  } else {
    ::inet_ntop(static_cast<int>(family_), bytes_.data(), buffer.data(), buffer.size());
  }
  return buffer.data();
}

bool Address::is_unspecified() const { return std::all_of(bytes_.begin(), bytes_.end(), is_zero); }

bool Address::is_loopback() const {
  if (is_v4()) return bytes_[0] == 127;
  return bytes_[15] == 1 && std::all_of(bytes_.begin(), bytes_.end() - 1, is_zero);
}

Address Address::next() const {
  Address result = *this;
  for (std::size_t i = bytes().size(); i-- > 0;) {
    if (++result.bytes_.at(i) != 0) break;
  }
  return result;
}

Address Address::previous() const {
  Address result = *this;
  for (std::size_t i = bytes().size(); i-- > 0;) {
    if (result.bytes_.at(i)-- != 0) break;
  }
  return result;
}

}  // namespace net

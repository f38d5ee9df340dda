// SPDX-License-Identifier: Apache-2.0
#include "lib/net/mac.h"

#include <algorithm>
#include <charconv>
#include <stdexcept>

namespace net {
namespace {

// The digits without separators; "" if the separators or the size are wrong.
std::string digits_of(std::string_view text) {
  if (text.size() != 17 && text.size() != 14) return "";
  const std::size_t group = text.size() == 14 ? 4 : 2;
  const std::string_view separators = group == 4 ? "." : ":-";
  if (separators.find(text[group]) == std::string_view::npos) return "";
  std::string digits;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (i % (group + 1) != group) {
      digits += text[i];
    } else if (text[i] != text[group]) {
      return "";
    }
  }
  return digits;
}

}  // namespace

std::optional<Mac> Mac::parse(std::string_view text) {
  const std::string digits = digits_of(text);
  if (digits.empty()) return std::nullopt;
  Mac result;
  for (std::size_t i = 0; i < result.bytes.size(); ++i) {
    const char* pair = digits.data() + i * 2;
    const auto [end, failed] = std::from_chars(pair, pair + 2, result.bytes.at(i), 16);
    if (failed != std::errc() || end != pair + 2) return std::nullopt;
  }
  return result;
}

Mac Mac::from_bytes(std::span<const std::uint8_t> bytes) {
  Mac result;
  if (bytes.size() != result.bytes.size()) throw std::invalid_argument("a MAC address has 6 bytes");
  std::copy(bytes.begin(), bytes.end(), result.bytes.begin());
  return result;
}

std::string Mac::text() const {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string result;
  for (const std::uint8_t byte : bytes) {
    if (!result.empty()) result += ':';
    result += kDigits[byte >> 4U];
    result += kDigits[byte & 15U];
  }
  return result;
}

}  // namespace net

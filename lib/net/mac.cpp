#include "lib/net/mac.h"

#include <algorithm>
#include <charconv>
#include <stdexcept>

namespace net {

std::optional<Mac> Mac::parse(std::string_view text) {
  if (text.size() != 17) return std::nullopt;
  const char separator = text[2];
  if (separator != ':' && separator != '-') return std::nullopt;
  Mac result;
  for (std::size_t i = 0; i < result.bytes.size(); ++i) {
    const char* pair = text.data() + i * 3;
    const auto [end, failed] = std::from_chars(pair, pair + 2, result.bytes.at(i), 16);
    if (failed != std::errc() || end != pair + 2) return std::nullopt;
    if (i + 1 < result.bytes.size() && *end != separator) return std::nullopt;
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

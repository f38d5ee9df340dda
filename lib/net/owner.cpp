// SPDX-License-Identifier: Apache-2.0
#include "lib/net/owner.h"

#include <cstdint>

namespace net {
namespace {

constexpr std::size_t kLongestComment = 127;
constexpr std::size_t kLongestAlias = 254;  // the kernel takes 255 bytes with the NUL (IFALIASZ - 1, linux/if.h)
constexpr std::string_view kUnfinished = " (unfinished)";  // no interface name contains a space

constexpr std::string_view kHostEnd = "veth";
constexpr std::string_view kDigits = "0123456789abcdef";
constexpr std::size_t kHashDigits = 11;

// FNV-1a, 64 bits, with the final step of SplitMix64, so that every digit depends on every byte. It is no protection:
// chosen container ids can collide. ADD detects a collision by the alias and fails.
std::uint64_t hash(std::string_view text) {
  std::uint64_t value = 0xcbf29ce484222325U;
  for (const char byte : text) {
    value ^= static_cast<std::uint8_t>(byte);
    value *= 0x100000001b3U;
  }
  value = (value ^ (value >> 30U)) * 0xbf58476d1ce4e5b9U;
  value = (value ^ (value >> 27U)) * 0x94d049bb133111ebU;
  return value ^ (value >> 31U);
}

std::string digits_of(std::string_view text) {
  std::string digits;
  const std::uint64_t value = hash(text);
  for (unsigned digit = 0; digit < kHashDigits; ++digit) digits += kDigits[(value >> (60U - 4U * digit)) & 15U];
  return digits;
}

// The end of a shortened comment.
struct Shortened {
  std::string_view network;  // its hash
  std::string_view host_end;
};

std::optional<Shortened> parse_shortened(std::string_view comment) {
  constexpr std::size_t kHostEndSize = kHostEnd.size() + kHashDigits;
  constexpr std::size_t kSize = 1 + kHashDigits + 1 + kHostEndSize;
  if (comment.size() != kLongestComment) return std::nullopt;
  const std::string_view end = comment.substr(comment.size() - kSize);
  const Shortened result{end.substr(1, kHashDigits), end.substr(kSize - kHostEndSize)};
  if (end[0] != '#' || end[1 + kHashDigits] != '#' || !result.host_end.starts_with(kHostEnd)) return std::nullopt;
  if (result.network.find_first_not_of(kDigits) != std::string_view::npos) return std::nullopt;
  if (result.host_end.find_first_not_of(kDigits, kHostEnd.size()) != std::string_view::npos) return std::nullopt;
  return result;
}

}  // namespace

std::string Owner::text() const { return network + "/" + container_id + "/" + ifname; }

std::optional<Owner> Owner::parse(std::string_view text) {
  const std::size_t first = text.find('/');
  if (first == std::string_view::npos) return std::nullopt;
  const std::size_t second = text.find('/', first + 1);
  if (second == std::string_view::npos || text.find('/', second + 1) != std::string_view::npos) return std::nullopt;
  Owner owner{std::string(text.substr(0, first)), std::string(text.substr(first + 1, second - first - 1)),
              std::string(text.substr(second + 1))};
  if (owner.network.empty() || owner.container_id.empty() || !IfName::flaw(owner.ifname).empty()) return std::nullopt;
  return owner;
}

std::string Owner::alias() const {
  std::string full = text();
  return full.size() + kUnfinished.size() <= kLongestAlias ? full : comment();
}

std::string Owner::unfinished_alias() const { return alias() + std::string(kUnfinished); }

std::string_view Owner::without_state(std::string_view alias) {
  if (alias.ends_with(kUnfinished)) alias.remove_suffix(kUnfinished.size());
  return alias;
}

std::optional<Owner::Alias> Owner::parse_alias(std::string_view alias) {
  const bool is_finished = !alias.ends_with(kUnfinished);
  alias = without_state(alias);
  auto owner = parse(alias);
  if (!owner) return std::nullopt;
  return Alias{std::move(*owner), is_finished};
}

std::string Owner::comment() const {
  std::string full = text();
  if (full.size() <= kLongestComment) return full;
  const std::string mark = "#" + digits_of(network) + "#" + host_end().text();
  return full.substr(0, kLongestComment - mark.size()) + mark;
}

bool Owner::is_of_network(std::string_view mark, const std::string& network) {
  if (const auto shortened = parse_shortened(mark)) return shortened->network == digits_of(network);
  const auto owner = parse(mark);
  return owner && owner->network == network;
}

std::optional<IfName> Owner::host_end_of(std::string_view mark) {
  if (const auto shortened = parse_shortened(mark)) return IfName(std::string(shortened->host_end));
  const auto owner = parse(mark);
  return owner ? std::optional(owner->host_end()) : std::nullopt;
}

bool Owner::is_host_end(std::string_view name, std::string_view alias) {
  const auto host_end = host_end_of(without_state(alias));
  return host_end && host_end->text() == name;
}

IfName Owner::host_end() const { return IfName(std::string(kHostEnd) + digits_of(text())); }

}  // namespace net

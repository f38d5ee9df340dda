// SPDX-License-Identifier: Apache-2.0
// Conditions on published ports: what a packet must match before its port is looked up (portmap's conditionsV4 and
// conditionsV6).
//
// Each list of conditions has a map, named after it, and one rule in the chain `conditions`:
//   ip saddr != 10.0.0.0/8 dnat ip to meta l4proto . th dport map @when4-1a2b3c4d5e6f7a8b
// The map's comment is the list as text, from which a lost rule is restored. Names are in single quotes there, because
// nft(8) cannot parse double quotes in a comment.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "lib/net/address.h"
#include "lib/net/prefix.h"
#include "lib/nft/rule.h"

namespace ruleset {

enum class Subject : std::uint8_t { source, destination, input, output, mark };

struct AddressRange {
  net::Address first;
  net::Address last;
  friend bool operator==(const AddressRange&, const AddressRange&) = default;
};
struct MaskedMark {
  std::uint32_t value = 0;
  std::uint32_t mask = 0xffffffffU;
  friend bool operator==(const MaskedMark&, const MaskedMark&) = default;
};

struct Condition {
  Subject subject = Subject::source;
  bool is_negated = false;
  // A prefix or range of addresses; a link's name for input and output, with a trailing * as wildcard; a packet's mark.
  std::variant<net::Prefix, std::string, AddressRange, MaskedMark> value;
  friend bool operator==(const Condition&, const Condition&) = default;
};

// `ip saddr != 10.0.0.0/8`, `ip saddr 10.0.0.1-10.0.0.9`, `iifname "eth*"`, `meta mark & 0x000000ff == 0x00000001`
std::string text(const Condition& condition);

struct Conditions {
  net::Family family = net::Family::v4;
  std::vector<Condition> all;

  [[nodiscard]] std::string text() const;      // joined with a space
  [[nodiscard]] std::string comment() const;   // of the map
  [[nodiscard]] std::string map_name() const;  // "when4-" or "when6-" and a hash of the text
  [[nodiscard]] nft::Rule rule() const;

  // The list for which a map with that name and comment was created; nullopt if the map is not ours.
  static std::optional<Conditions> parse(std::string_view map_name, std::string_view text);

  // The longest comment that nft(8) can parse.
  static constexpr std::size_t kLongestText = 127;
  friend bool operator==(const Conditions&, const Conditions&) = default;
};

// Steps of a transaction: the map and its rule. Added ones must not exist; removed ones must exist, the map empty.
struct AddConditions {
  Conditions conditions;
  bool has_map = false;  // only the rule is missing
};
struct RemoveConditions {
  std::string map;
  std::optional<std::uint64_t> rule;  // handle
};
std::string text(const AddConditions& change);
std::string text(const RemoveConditions& change);

}  // namespace ruleset

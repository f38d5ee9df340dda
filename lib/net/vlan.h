// SPDX-License-Identifier: Apache-2.0
// The identifier of an IEEE 802.1Q VLAN, and ranges of them.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace net {

class VlanId {
 public:
  // 1..4094: 0 means "priority only" and 4095 is reserved. nullopt otherwise.
  static std::optional<VlanId> from(std::int64_t value) {
    if (value < 1 || value > 4094) return std::nullopt;
    return VlanId(static_cast<std::uint16_t>(value));
  }

  // That of a port of a bridge that nobody gave another one (ip-link(8), "vlan_default_pvid").
  static VlanId of_new_port() { return VlanId(1); }

  [[nodiscard]] std::uint16_t value() const { return value_; }

  friend auto operator<=>(const VlanId&, const VlanId&) = default;

 private:
  explicit VlanId(std::uint16_t value) : value_(value) {}
  std::uint16_t value_;
};

// Both ends belong to it, and the first is not above the last.
struct VlanRange {
  VlanId first;
  VlanId last;

  [[nodiscard]] bool contains(VlanId id) const { return first <= id && id <= last; }
  [[nodiscard]] std::string text() const;  // "100", "100-199"

  friend auto operator<=>(const VlanRange&, const VlanRange&) = default;
};

// The same VLANs in ascending order, none of them twice, neighbours in one range.
std::vector<VlanRange> joined(std::vector<VlanRange> ranges);

}  // namespace net

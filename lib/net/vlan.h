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

  // The VLAN of a new bridge port (ip-link(8), "vlan_default_pvid").
  static VlanId of_new_port() { return VlanId(1); }

  [[nodiscard]] std::uint16_t value() const { return value_; }

  friend auto operator<=>(const VlanId&, const VlanId&) = default;

 private:
  explicit VlanId(std::uint16_t value) : value_(value) {}
  std::uint16_t value_;
};

// A range that includes both ends; first <= last.
struct VlanRange {
  VlanId first;
  VlanId last;

  [[nodiscard]] bool contains(VlanId id) const { return first <= id && id <= last; }
  [[nodiscard]] std::string text() const;  // "100", "100-199"

  friend auto operator<=>(const VlanRange&, const VlanRange&) = default;
};

// The same VLANs in ascending order: overlapping and adjacent ranges are joined.
std::vector<VlanRange> joined(std::vector<VlanRange> ranges);

}  // namespace net

// The identifier of an IEEE 802.1Q VLAN.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>

namespace net {

class VlanId {
 public:
  // 1..4094: 0 means "priority only" and 4095 is reserved. nullopt otherwise.
  static std::optional<VlanId> from(std::int64_t value) {
    if (value < 1 || value > 4094) return std::nullopt;
    return VlanId(static_cast<std::uint16_t>(value));
  }

  [[nodiscard]] std::uint16_t value() const { return value_; }

  friend auto operator<=>(const VlanId&, const VlanId&) = default;

 private:
  explicit VlanId(std::uint16_t value) : value_(value) {}
  std::uint16_t value_;
};

}  // namespace net

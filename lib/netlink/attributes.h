// SPDX-License-Identifier: Apache-2.0
// The attributes of a received message by type, parsed in one pass. The last of a type wins.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <libmnl/libmnl.h>

namespace netlink {

class Attributes {
 public:
  // From a message after a family header of `header_size` bytes, or from a nested attribute.
  Attributes(const nlmsghdr* message, std::size_t header_size);
  explicit Attributes(const nlattr* nest);
  static Attributes of_bytes(std::string_view payload);  // a nested attribute's payload, which must outlive the result

  [[nodiscard]] bool has(std::uint16_t type) const { return find(type) != nullptr; }

  // nullopt if the attribute is absent or too short for the type.
  [[nodiscard]] std::optional<std::uint8_t> u8(std::uint16_t type) const;
  [[nodiscard]] std::optional<std::uint16_t> u16(std::uint16_t type) const;
  [[nodiscard]] std::optional<std::uint32_t> u32(std::uint16_t type) const;
  [[nodiscard]] std::string text(std::uint16_t type) const;                     // "" when absent
  [[nodiscard]] std::vector<std::string> texts(std::uint16_t type) const;       // all of the type, in order
  [[nodiscard]] std::span<const std::uint8_t> bytes(std::uint16_t type) const;  // empty when absent
  [[nodiscard]] std::optional<Attributes> nest(std::uint16_t type) const;

 private:
  Attributes() = default;
  static int collect(const nlattr* attribute, void* into);
  [[nodiscard]] const nlattr* find(std::uint16_t type) const;  // nullptr when absent
  std::vector<const nlattr*> all_;                             // in order: at most about sixty, few of which are read
};

}  // namespace netlink

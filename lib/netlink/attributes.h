// SPDX-License-Identifier: Apache-2.0
// The attributes of a received message, by type, in one pass; the last of a type wins.
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
  // Of a message, behind a family header of `header_size` bytes; of a nested attribute.
  Attributes(const nlmsghdr* message, std::size_t header_size);
  explicit Attributes(const nlattr* nest);
  static Attributes of_bytes(
      std::string_view payload);  // of a nested attribute's payload, which must outlive the result

  [[nodiscard]] bool has(std::uint16_t type) const { return find(type) != nullptr; }

  // nullopt when the attribute is absent or too short for the type asked for.
  [[nodiscard]] std::optional<std::uint8_t> u8(std::uint16_t type) const;
  [[nodiscard]] std::optional<std::uint16_t> u16(std::uint16_t type) const;
  [[nodiscard]] std::optional<std::uint32_t> u32(std::uint16_t type) const;
  [[nodiscard]] std::string text(std::uint16_t type) const;                     // "" when absent
  [[nodiscard]] std::span<const std::uint8_t> bytes(std::uint16_t type) const;  // empty when absent
  [[nodiscard]] std::optional<Attributes> nest(std::uint16_t type) const;

 private:
  Attributes() = default;
  static int collect(const nlattr* attribute, void* into);
  [[nodiscard]] const nlattr* find(std::uint16_t type) const;  // nullptr when absent
  std::vector<const nlattr*> all_;  // as they came: some sixty at the most, of which few are asked for
};

}  // namespace netlink

// SPDX-License-Identifier: Apache-2.0
#include "lib/netlink/attributes.h"

#include <algorithm>
#include <cstring>

namespace netlink {
namespace {

template <class Number>
std::optional<Number> number(std::span<const std::uint8_t> bytes) {
  Number value = 0;
  if (bytes.size() < sizeof value) return std::nullopt;
  std::memcpy(&value, bytes.data(), sizeof value);
  return value;
}

// Up to the first NUL, if there is one.
std::string text_of(const nlattr* attribute) {
  const auto* const begin = static_cast<const char*>(mnl_attr_get_payload(attribute));
  return {begin, ::strnlen(begin, mnl_attr_get_payload_len(attribute))};
}

}  // namespace

int Attributes::collect(const nlattr* attribute, void* into) {
  static_cast<Attributes*>(into)->all_.push_back(attribute);
  return MNL_CB_OK;
}

const nlattr* Attributes::find(std::uint16_t type) const {
  const auto found =
      std::find_if(all_.rbegin(), all_.rend(), [type](const nlattr* one) { return mnl_attr_get_type(one) == type; });
  return found == all_.rend() ? nullptr : *found;
}

Attributes::Attributes(const nlmsghdr* message, std::size_t header_size) {
  if (message->nlmsg_len < MNL_NLMSG_HDRLEN + header_size) return;
  mnl_attr_parse(message, static_cast<unsigned>(header_size), collect, this);
}

Attributes::Attributes(const nlattr* nest) { mnl_attr_parse_nested(nest, collect, this); }

Attributes Attributes::of_bytes(std::string_view payload) {
  Attributes attributes;
  mnl_attr_parse_payload(payload.data(), payload.size(), collect, &attributes);
  return attributes;
}

std::optional<std::uint8_t> Attributes::u8(std::uint16_t type) const { return number<std::uint8_t>(bytes(type)); }
std::optional<std::uint16_t> Attributes::u16(std::uint16_t type) const { return number<std::uint16_t>(bytes(type)); }
std::optional<std::uint32_t> Attributes::u32(std::uint16_t type) const { return number<std::uint32_t>(bytes(type)); }

std::string Attributes::text(std::uint16_t type) const {
  const nlattr* found = find(type);
  return found == nullptr ? std::string() : text_of(found);
}

std::vector<std::string> Attributes::texts(std::uint16_t type) const {
  std::vector<std::string> result;
  for (const nlattr* one : all_) {
    if (mnl_attr_get_type(one) == type) result.push_back(text_of(one));
  }
  return result;
}

std::span<const std::uint8_t> Attributes::bytes(std::uint16_t type) const {
  const nlattr* found = find(type);
  if (found == nullptr) return {};
  return {static_cast<const std::uint8_t*>(mnl_attr_get_payload(found)), mnl_attr_get_payload_len(found)};
}

std::optional<Attributes> Attributes::nest(std::uint16_t type) const {
  const nlattr* found = find(type);
  return found == nullptr ? std::nullopt : std::optional(Attributes(found));
}

}  // namespace netlink

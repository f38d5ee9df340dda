#include "lib/netlink/attributes.h"

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

}  // namespace

int Attributes::collect(const nlattr* attribute, void* into) {
  static_cast<Attributes*>(into)->of_type_[mnl_attr_get_type(attribute)] = attribute;
  return MNL_CB_OK;
}

Attributes::Attributes(const nlmsghdr* message, std::size_t header_size) {
  if (message->nlmsg_len < MNL_NLMSG_HDRLEN + header_size) return;
  mnl_attr_parse(message, static_cast<unsigned>(header_size), collect, this);
}

Attributes::Attributes(const nlattr* nest) { mnl_attr_parse_nested(nest, collect, this); }

std::optional<std::uint8_t> Attributes::u8(std::uint16_t type) const { return number<std::uint8_t>(bytes(type)); }
std::optional<std::uint16_t> Attributes::u16(std::uint16_t type) const { return number<std::uint16_t>(bytes(type)); }
std::optional<std::uint32_t> Attributes::u32(std::uint16_t type) const { return number<std::uint32_t>(bytes(type)); }

std::string Attributes::text(std::uint16_t type) const {
  const auto raw = bytes(type);
  const auto* const begin = reinterpret_cast<const char*>(raw.data());
  return raw.empty() ? std::string() : std::string(begin, ::strnlen(begin, raw.size()));
}

std::span<const std::uint8_t> Attributes::bytes(std::uint16_t type) const {
  const auto found = of_type_.find(type);
  if (found == of_type_.end()) return {};
  return {static_cast<const std::uint8_t*>(mnl_attr_get_payload(found->second)),
          mnl_attr_get_payload_len(found->second)};
}

std::optional<Attributes> Attributes::nest(std::uint16_t type) const {
  const auto found = of_type_.find(type);
  if (found == of_type_.end()) return std::nullopt;
  return Attributes(found->second);
}

}  // namespace netlink

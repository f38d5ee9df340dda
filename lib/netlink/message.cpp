// SPDX-License-Identifier: Apache-2.0
#include "lib/netlink/message.h"

#include <cstring>
#include <stdexcept>
#include <string>

namespace netlink {
namespace {

void require(bool fits) {
  if (!fits) throw std::length_error("netlink message is longer than its buffer");
}

}  // namespace

Message::Message(std::uint16_t type, std::uint16_t flags, std::size_t size) : buffer_(size, '\0') {
  nlmsghdr* header = mnl_nlmsg_put_header(buffer_.data());
  header->nlmsg_type = type;
  header->nlmsg_flags = NLM_F_REQUEST | flags;
}

void Message::put(std::uint16_t attribute, std::span<const std::uint8_t> bytes) {
  require(mnl_attr_put_check(message(), buffer_.size(), attribute, bytes.size(), bytes.data()));
}

void Message::put_u8(std::uint16_t attribute, std::uint8_t value) {
  require(mnl_attr_put_u8_check(message(), buffer_.size(), attribute, value));
}

void Message::put_u16(std::uint16_t attribute, std::uint16_t value) {
  require(mnl_attr_put_u16_check(message(), buffer_.size(), attribute, value));
}

void Message::put_u32(std::uint16_t attribute, std::uint32_t value) {
  require(mnl_attr_put_u32_check(message(), buffer_.size(), attribute, value));
}

void Message::put_text(std::uint16_t attribute, std::string_view text) {
  require(mnl_attr_put_strz_check(message(), buffer_.size(), attribute, std::string(text).c_str()));
}

void Message::append(std::span<const std::uint8_t> bytes) {
  const std::size_t aligned = MNL_ALIGN(bytes.size());
  require(message()->nlmsg_len + aligned <= buffer_.size());
  std::memcpy(buffer_.data() + message()->nlmsg_len, bytes.data(), bytes.size());
  message()->nlmsg_len += static_cast<std::uint32_t>(aligned);
}

Message::Nest::Nest(Message& message, std::uint16_t attribute)
    : message_(message), start_(mnl_attr_nest_start_check(message.message(), message.buffer_.size(), attribute)) {
  require(start_ != nullptr);
}

Message::Nest::~Nest() { mnl_attr_nest_end(message_.message(), start_); }

}  // namespace netlink

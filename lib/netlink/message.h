// SPDX-License-Identifier: Apache-2.0
// A netlink message under construction: header, family header, attributes (netlink(7); libmnl).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include <libmnl/libmnl.h>

namespace netlink {

class Message {
 public:
  // bytes; the largest message except lists, a port with the longest alias, takes 400
  static constexpr std::size_t kSize = 1024;

  // type: RTM_*, or netfilter's subsystem and message. flags: NLM_F_* (NLM_F_REQUEST is added). size: maximum in bytes,
  // for callers that send a list.
  Message(std::uint16_t type, std::uint16_t flags, std::size_t size = kSize);

  // Adds a zeroed family header (ifinfomsg, ifaddrmsg, rtmsg, nfgenmsg). Call it before adding attributes.
  template <class Header>
  Header& header() {
    return *static_cast<Header*>(mnl_nlmsg_put_extra_header(message(), sizeof(Header)));
  }

  // Attributes. All throw std::length_error if the message exceeds its size.
  void put(std::uint16_t attribute, std::span<const std::uint8_t> bytes);
  void put_u8(std::uint16_t attribute, std::uint8_t value);
  void put_u16(std::uint16_t attribute, std::uint16_t value);  // host order, also the next
  void put_u32(std::uint16_t attribute, std::uint32_t value);
  void put_text(std::uint16_t attribute, std::string_view text);  // with its NUL

  // Raw bytes in the current nest: the header at the start of VETH_INFO_PEER.
  void append(std::span<const std::uint8_t> bytes);

  // A nested attribute that ends with its scope.
  class Nest {
   public:
    Nest(Message& message, std::uint16_t attribute);
    ~Nest();
    Nest(const Nest&) = delete;
    Nest& operator=(const Nest&) = delete;
    Nest(Nest&&) = delete;
    Nest& operator=(Nest&&) = delete;

   private:
    Message& message_;
    nlattr* start_;
  };

  [[nodiscard]] nlmsghdr* message() { return reinterpret_cast<nlmsghdr*>(buffer_.data()); }
  [[nodiscard]] const nlmsghdr* message() const { return reinterpret_cast<const nlmsghdr*>(buffer_.data()); }
  [[nodiscard]] std::span<const char> bytes() const { return {buffer_.data(), message()->nlmsg_len}; }

 private:
  std::string buffer_;
};

}  // namespace netlink

// SPDX-License-Identifier: Apache-2.0
#include "lib/netlink/message.h"

#include <linux/netlink.h>
#include <linux/rtnetlink.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "lib/netlink/attributes.h"
#include "lib/netlink/socket.h"
#include "lib/os/capability.h"

using netlink::Attributes;
using netlink::Message;

namespace {

constexpr std::uint16_t kNumber = 1;
constexpr std::uint16_t kText = 2;
constexpr std::uint16_t kNest = 3;
constexpr std::uint16_t kInner = 4;

// A received NLMSG_ERROR as the kernel sends it.
class ErrorMessage {
 public:
  explicit ErrorMessage(int error, std::uint16_t flags = 0) : message_(NLMSG_ERROR, flags) {
    message_.header<nlmsgerr>().error = error;
  }
  Message& operator*() { return message_; }

 private:
  Message message_;
};

// The message's first `size` bytes in an allocation of just that size, so that AddressSanitizer finds reads beyond it.
std::vector<char> cut(const Message& message, std::size_t size) {
  std::vector<char> bytes(message.bytes().begin(), message.bytes().begin() + static_cast<std::ptrdiff_t>(size));
  const auto length = static_cast<std::uint32_t>(size);
  std::memcpy(bytes.data(), &length, sizeof length);
  return bytes;
}

const nlmsghdr* header_of(const std::vector<char>& bytes) { return reinterpret_cast<const nlmsghdr*>(bytes.data()); }

}  // namespace

TEST_CASE("a message is a request with its type and flags") {
  const Message message(RTM_GETLINK, NLM_F_DUMP);
  CHECK(message.message()->nlmsg_type == RTM_GETLINK);
  CHECK(message.message()->nlmsg_flags == (NLM_F_REQUEST | NLM_F_DUMP));
  CHECK(message.bytes().size() == NLMSG_HDRLEN);
}

TEST_CASE("the family header is zeroed and precedes the attributes") {
  Message message(RTM_GETLINK, 0);
  const auto& header = message.header<ifinfomsg>();
  CHECK(header.ifi_index == 0);
  CHECK(header.ifi_family == 0);
  message.put_u32(kNumber, 7);
  CHECK(message.bytes().size() == NLMSG_HDRLEN + sizeof(ifinfomsg) + 8);
  CHECK(Attributes(message.message(), sizeof(ifinfomsg)).u32(kNumber) == 7);
}

TEST_CASE("attributes are read as they were written") {
  Message message(RTM_GETLINK, 0);
  const std::vector<std::uint8_t> bytes{1, 2, 3};
  message.put_u8(10, 0xab);
  message.put_u16(11, 0xabcd);
  message.put_u32(12, 0xabcdef01);
  message.put_text(13, "eth0");
  message.put(14, bytes);
  message.put_text(15, "");
  const Attributes read(message.message(), 0);
  CHECK(read.u8(10) == 0xab);
  CHECK(read.u16(11) == 0xabcd);
  CHECK(read.u32(12) == 0xabcdef01);
  CHECK(read.text(13) == "eth0");
  CHECK(read.bytes(13).size() == 5);  // with its NUL
  CHECK(std::vector<std::uint8_t>(read.bytes(14).begin(), read.bytes(14).end()) == bytes);
  CHECK(read.has(15));
  CHECK(read.text(15) == "");
}

TEST_CASE("an attribute that is absent or too short has no value") {
  Message message(RTM_GETLINK, 0);
  message.put_u16(kNumber, 7);
  const std::array<std::uint8_t, 2> unterminated{'a', 'b'};
  message.put(kText, unterminated);
  const Attributes read(message.message(), 0);
  CHECK(!read.u32(kNumber));
  CHECK(read.u8(kNumber));  // a longer one is accepted: the kernel pads some
  CHECK(read.text(kText) == "ab");
  CHECK(!read.has(kNest));
  CHECK(!read.u8(kNest));
  CHECK(read.text(kNest) == "");
  CHECK(read.bytes(kNest).empty());
  CHECK(!read.nest(kNest));
}

TEST_CASE("the last attribute of a type counts") {
  Message message(RTM_GETLINK, 0);
  message.put_u32(kNumber, 1);
  message.put_u32(kNumber, 2);
  CHECK(Attributes(message.message(), 0).u32(kNumber) == 2);
}

TEST_CASE("a nest ends with its scope, also inside another") {
  Message message(RTM_GETLINK, 0);
  {
    const Message::Nest outer(message, kNest);
    message.put_u32(kNumber, 1);
    {
      const Message::Nest inner(message, kInner);
      message.put_u32(kNumber, 2);
    }
    message.put_text(kText, "outer");
  }
  message.put_u32(kNumber, 3);
  const Attributes read(message.message(), 0);
  CHECK(read.u32(kNumber) == 3);
  REQUIRE(read.nest(kNest));
  CHECK(read.nest(kNest)->u32(kNumber) == 1);
  CHECK(read.nest(kNest)->text(kText) == "outer");
  REQUIRE(read.nest(kNest)->nest(kInner));
  CHECK(read.nest(kNest)->nest(kInner)->u32(kNumber) == 2);
}

TEST_CASE("raw bytes are padded, so that the attribute after them is found") {
  Message message(RTM_GETLINK, 0);
  const std::array<std::uint8_t, 5> raw{1, 2, 3, 4, 5};
  message.append(raw);
  CHECK(message.bytes().size() == NLMSG_HDRLEN + 8);
  message.put_u32(kNumber, 7);
  CHECK(Attributes(message.message(), 8).u32(kNumber) == 7);
}

TEST_CASE("a message that exceeds its buffer throws and stays unchanged") {
  Message message(RTM_GETLINK, 0);
  const std::vector<std::uint8_t> half(600);
  message.put(kText, half);
  const std::size_t size = message.bytes().size();
  CHECK_THROWS_AS(message.put(kText, half), std::length_error);
  CHECK_THROWS_AS(message.put_text(kText, std::string(600, 'x')), std::length_error);
  CHECK_THROWS_AS(message.append(half), std::length_error);
  CHECK(message.bytes().size() == size);
  const auto fill = [&message] {
    for (;;) message.put_u32(kNumber, 0);
  };
  CHECK_THROWS_AS(fill(), std::length_error);
  CHECK_THROWS_AS(message.put_u8(kNumber, 0), std::length_error);
  CHECK_THROWS_AS(message.put_u16(kNumber, 0), std::length_error);
  CHECK(message.bytes().size() <= Message::kSize);
}

TEST_CASE("a nest that does not fit throws") {
  Message message(RTM_GETLINK, 0);
  const auto fill = [&message] {
    for (;;) message.append(std::array<std::uint8_t, 4>{});
  };
  CHECK_THROWS_AS(fill(), std::length_error);
  CHECK_THROWS_AS(Message::Nest(message, kNest), std::length_error);
}

TEST_CASE("an error message holds the errno, an acknowledgement 0") {
  CHECK(netlink::error_of((*ErrorMessage(-ENODEV)).message()) == ENODEV);
  CHECK(netlink::error_of((*ErrorMessage(0)).message()) == 0);
}

TEST_CASE("an error message that is too short is malformed") {
  ErrorMessage whole(-ENODEV);
  for (const std::size_t size : {sizeof(nlmsghdr), sizeof(nlmsghdr) + 4, sizeof(nlmsghdr) + sizeof(nlmsgerr) - 4}) {
    CHECK(netlink::error_of(header_of(cut(*whole, size))) == EBADMSG);
  }
}

TEST_CASE("the kernel's text is found with or without the original message before it") {
  ErrorMessage capped(-EINVAL, NLM_F_ACK_TLVS | NLM_F_CAPPED);
  (*capped).put_text(NLMSGERR_ATTR_MSG, "Invalid MTU");
  CHECK(netlink::kernel_message((*capped).message()) == "Invalid MTU");
  CHECK(std::string(netlink::failure((*capped).message(), "change link eth0").what()) ==
        "change link eth0: Invalid MTU: Invalid argument");

  ErrorMessage whole(-EINVAL, NLM_F_ACK_TLVS);
  reinterpret_cast<nlmsgerr*>(mnl_nlmsg_get_payload((*whole).message()))->msg.nlmsg_len = NLMSG_HDRLEN + 8;
  (*whole).append(std::array<std::uint8_t, 8>{});
  (*whole).put_text(NLMSGERR_ATTR_MSG, "Invalid MTU");
  CHECK(netlink::kernel_message((*whole).message()) == "Invalid MTU");
}

TEST_CASE("without CAP_NET_ADMIN an error says that it needs root") {
  ErrorMessage rejected(-EPERM);
  const std::string missing = os::has(os::Capability::net_admin) ? "" : ": needs root (CAP_NET_ADMIN)";
  CHECK(std::string(netlink::failure((*rejected).message(), "delete link eth0").what()) ==
        "delete link eth0" + missing + ": Operation not permitted");
}

TEST_CASE("without a text from the kernel the error has only the errno") {
  ErrorMessage without(-EBUSY);
  CHECK(netlink::kernel_message((*without).message()) == "");
  const auto failure = netlink::failure((*without).message(), "delete link eth0");
  CHECK(std::string(failure.what()) == "delete link eth0: Device or resource busy");
  CHECK(failure.code().value() == EBUSY);
  ErrorMessage promised(-EBUSY, NLM_F_ACK_TLVS | NLM_F_CAPPED);
  CHECK(netlink::kernel_message((*promised).message()) == "");
}

TEST_CASE("the kernel's text is not read beyond the message's end") {
  ErrorMessage lying(-EINVAL, NLM_F_ACK_TLVS);
  reinterpret_cast<nlmsgerr*>(mnl_nlmsg_get_payload((*lying).message()))->msg.nlmsg_len = 60000;
  const std::vector<char> exact = cut(*lying, (*lying).bytes().size());
  CHECK(netlink::kernel_message(header_of(exact)) == "");
  ErrorMessage tiny(-EINVAL, NLM_F_ACK_TLVS);
  const std::vector<char> header_only = cut(*tiny, sizeof(nlmsghdr));
  CHECK(netlink::kernel_message(header_of(header_only)) == "");
}

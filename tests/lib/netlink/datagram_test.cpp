// SPDX-License-Identifier: Apache-2.0
// Datagrams that no kernel sends; each was found by tests/fuzz.
#include "lib/netlink/datagram.h"

#include <linux/rtnetlink.h>

#include <array>
#include <climits>

#include <doctest/doctest.h>

#include "lib/netlink/socket.h"

namespace {

struct ErrorDatagram {
  nlmsghdr header{sizeof(nlmsghdr) + sizeof(nlmsgerr), NLMSG_ERROR, 0, 1, 0};
  nlmsgerr error{};
};

// The number of messages in a datagram whose only message claims this length.
int messages_with_length(std::uint32_t length) {
  ErrorDatagram datagram;
  datagram.header.nlmsg_len = length;
  int count = 0;
  netlink::for_each_message({reinterpret_cast<const char*>(&datagram), sizeof datagram},
                            [&](const nlmsghdr*) { ++count; });
  return count;
}

}  // namespace

TEST_CASE("a message that claims to be longer than its datagram, even beyond 2 GB, is ignored") {
  CHECK(messages_with_length(sizeof(ErrorDatagram)) == 1);
  CHECK(messages_with_length(sizeof(ErrorDatagram) + 1) == 0);
  CHECK(messages_with_length(0xfffffff0U) == 0);
  CHECK(messages_with_length(0x80000000U) == 0);
}

TEST_CASE("a message shorter than its header is ignored, and so are the bytes after it") {
  CHECK(messages_with_length(0) == 0);
  CHECK(messages_with_length(sizeof(nlmsghdr) - 1) == 0);
  CHECK(messages_with_length(sizeof(nlmsghdr)) == 1);  // the bytes after it claim length 0
}

TEST_CASE("missing bytes of a truncated header are zero") {
  struct {
    nlmsghdr header{sizeof(nlmsghdr) + 2, RTM_NEWLINK, 0, 1, 0};
    std::array<unsigned char, sizeof(ifinfomsg)> payload{1, 2, 3, 4, 5, 6, 7, 8};
  } message;
  const auto info = netlink::header_of<ifinfomsg>(&message.header);
  CHECK(info.ifi_family == 1);
  CHECK(info.ifi_type == 0);
  CHECK(info.ifi_index == 0);
}

TEST_CASE("an error number without a positive counterpart is a malformed message") {
  ErrorDatagram datagram;
  datagram.error.error = INT_MIN;
  CHECK(netlink::error_of(&datagram.header) == EBADMSG);
  datagram.error.error = -ENODEV;
  CHECK(netlink::error_of(&datagram.header) == ENODEV);
}

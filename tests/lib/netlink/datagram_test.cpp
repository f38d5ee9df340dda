// SPDX-License-Identifier: Apache-2.0
// Answers that no kernel gives: each was found by tests/fuzz.
#include "lib/netlink/datagram.h"

#include <linux/rtnetlink.h>

#include <array>
#include <climits>

#include <doctest/doctest.h>

#include "lib/netlink/socket.h"

namespace {

struct Told {
  nlmsghdr header{sizeof(nlmsghdr) + sizeof(nlmsgerr), NLMSG_ERROR, 0, 1, 0};
  nlmsgerr error{};
};

// How many messages there are in a datagram with one that claims to have this length.
int messages_with_length(std::uint32_t length) {
  Told told;
  told.header.nlmsg_len = length;
  int count = 0;
  netlink::for_each_message({reinterpret_cast<const char*>(&told), sizeof told}, [&](const nlmsghdr*) { ++count; });
  return count;
}

}  // namespace

TEST_CASE("a message that claims to be longer than the datagram is none, be it longer than 2 GB") {
  CHECK(messages_with_length(sizeof(Told)) == 1);
  CHECK(messages_with_length(sizeof(Told) + 1) == 0);
  CHECK(messages_with_length(0xfffffff0U) == 0);
  CHECK(messages_with_length(0x80000000U) == 0);
}

TEST_CASE("nor is one that is shorter than its own header, and nothing is read behind the last") {
  CHECK(messages_with_length(0) == 0);
  CHECK(messages_with_length(sizeof(nlmsghdr) - 1) == 0);
  CHECK(messages_with_length(sizeof(nlmsghdr)) == 1);  // what is behind it says that it has no length
}

TEST_CASE("a header that is not whole is zero as far as it is not there") {
  struct {
    nlmsghdr header{sizeof(nlmsghdr) + 2, RTM_NEWLINK, 0, 1, 0};
    std::array<unsigned char, sizeof(ifinfomsg)> payload{1, 2, 3, 4, 5, 6, 7, 8};
  } message;
  const auto info = netlink::header_of<ifinfomsg>(&message.header);
  CHECK(info.ifi_family == 1);
  CHECK(info.ifi_type == 0);
  CHECK(info.ifi_index == 0);
}

TEST_CASE("an error number that has no positive counterpart is a malformed message") {
  Told told;
  told.error.error = INT_MIN;
  CHECK(netlink::error_of(&told.header) == EBADMSG);
  told.error.error = -ENODEV;
  CHECK(netlink::error_of(&told.header) == ENODEV);
}

// SPDX-License-Identifier: Apache-2.0
// Netlink messages that travel in one send, on libmnl.
#pragma once

#include <cstddef>
#include <cstdint>

#include <libmnl/libmnl.h>

namespace bench {

class Batch {
 public:
  // A message with a header of `size` bytes behind netlink's own.
  nlmsghdr* message(std::uint16_t type, std::uint16_t flags);
  template <class Header>
  Header& header() {
    return *static_cast<Header*>(mnl_nlmsg_put_extra_header(last_, sizeof(Header)));
  }
  void finish();  // the message that was begun last

  // Sends all; with `acknowledged` (the last message asks for it) reads what the kernel says. Refused: gives up.
  void send(int socket, const char* what, bool is_acknowledged = true);

 private:
  alignas(nlmsghdr) char bytes_[64U << 10U] = {};
  std::size_t length_ = 0;
  std::uint32_t sequence_ = 0;
  nlmsghdr* last_ = nullptr;
};

// A netlink socket of that protocol, in the namespace that we are in.
int netlink_socket(int protocol);

}  // namespace bench

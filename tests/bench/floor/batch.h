// SPDX-License-Identifier: Apache-2.0
// Netlink messages that are sent together, on libmnl.
#pragma once

#include <cstddef>
#include <cstdint>

#include <libmnl/libmnl.h>

namespace bench {

class Batch {
 public:
  // Begins a message; header() adds the header after netlink's.
  nlmsghdr* message(std::uint16_t type, std::uint16_t flags);
  template <class Header>
  Header& header() {
    return *static_cast<Header*>(mnl_nlmsg_put_extra_header(last_, sizeof(Header)));
  }
  void finish();  // ends the message

  // Sends all messages. If `is_acknowledged` (the last message has NLM_F_ACK), reads the reply. Exits on an error.
  void send(int socket, const char* what, bool is_acknowledged = true);

 private:
  alignas(nlmsghdr) char bytes_[64U << 10U] = {};
  std::size_t length_ = 0;
  std::uint32_t sequence_ = 0;
  nlmsghdr* last_ = nullptr;
};

// A netlink socket of that protocol, in the current namespace.
int netlink_socket(int protocol);

}  // namespace bench

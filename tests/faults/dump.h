// SPDX-License-Identifier: Apache-2.0
// A dump of netlink messages as the kernel sends it, for a reader that trusts no library of the product's.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <libmnl/libmnl.h>

namespace faults {

class Dump {
 public:
  // protocol: NETLINK_ROUTE or NETLINK_NETFILTER, in the network namespace that the thread is in.
  explicit Dump(int protocol);

  // One message's type and header after nlmsghdr, then attributes as `fill` puts them. Calls `each` with every message of the
  // answer. false: the kernel knows nothing of the kind, or of the object (ENOENT). Throws std::system_error else.
  bool read(std::uint16_t type, std::string_view header, const std::function<void(nlmsghdr*)>& fill,
            const std::function<void(const nlmsghdr*)>& each);

 private:
  struct Close {
    void operator()(mnl_socket* socket) const { mnl_socket_close(socket); }
  };
  std::unique_ptr<mnl_socket, Close> socket_;
  unsigned sequence_ = 0;
};

// Those of a message after `offset` bytes of its own header, those in a nest.
std::vector<const nlattr*> attributes(const nlmsghdr* message, unsigned offset);
std::vector<const nlattr*> nested(const nlattr* nest);

std::string hexadecimal(const void* bytes, std::size_t size);

// Bytes as words if that is what they are, else as hexadecimal digits.
std::string printable(const void* bytes, std::size_t size);
std::string printable(const nlattr* attribute);

}  // namespace faults

// SPDX-License-Identifier: Apache-2.0
// Reads netlink dumps with libmnl only: the judge must not depend on the product's libraries.
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
  // `protocol`: NETLINK_ROUTE or NETLINK_NETFILTER, in the thread's network namespace.
  explicit Dump(int protocol);

  // Sends a dump request: type, header after nlmsghdr, attributes added by `fill`. Calls `each` for each message of the
  // reply. Returns false if the kernel does not know the type or the object (ENOENT); throws std::system_error for
  // other errors.
  bool read(std::uint16_t type, std::string_view header, const std::function<void(nlmsghdr*)>& fill,
            const std::function<void(const nlmsghdr*)>& each);

 private:
  struct Close {
    void operator()(mnl_socket* socket) const { mnl_socket_close(socket); }
  };
  std::unique_ptr<mnl_socket, Close> socket_;
  unsigned sequence_ = 0;
};

// The attributes of a message, after a header of `offset` bytes; the attributes in a nest.
std::vector<const nlattr*> attributes(const nlmsghdr* message, unsigned offset);
std::vector<const nlattr*> nested(const nlattr* nest);

std::string hexadecimal(const void* bytes, std::size_t size);

// Text in quotes if all bytes are printable, otherwise hexadecimal digits.
std::string printable(const void* bytes, std::size_t size);
std::string printable(const nlattr* attribute);

}  // namespace faults

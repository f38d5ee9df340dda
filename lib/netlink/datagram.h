// SPDX-License-Identifier: Apache-2.0
// Reading datagrams of a netlink socket, with checks (netlink(7)).
//
// A process with CAP_NET_ADMIN in a network namespace can send to any netlink socket in it. A container could thus fake
// the kernel's reply to a request that the kernel has not processed yet, or fake addresses. The kernel's own datagrams
// come from port 0.
#pragma once

#include <sys/types.h>

#include <cerrno>
#include <cstddef>
#include <cstring>
#include <limits>
#include <span>

#include <libmnl/libmnl.h>

namespace netlink {

// recvmsg(2): the bytes of a datagram; 0 if it is not from the kernel; -1 and errno, ENOSPC if it is longer than the
// buffer.
ssize_t receive_from_kernel(int socket, std::span<char> buffer, int flags = 0);

// Calls take(const nlmsghdr*) for each complete message; stops at an incomplete one. (libmnl's mnl_nlmsg_ok() reads a
// length of 2 GB or more as negative, which is less than the bytes left.)
template <class Take>
void for_each_message(std::span<const char> datagram, const Take& take) {
  while (datagram.size() >= MNL_NLMSG_HDRLEN) {
    const auto* const message = reinterpret_cast<const nlmsghdr*>(datagram.data());
    if (message->nlmsg_len < MNL_NLMSG_HDRLEN || message->nlmsg_len > datagram.size()) return;
    take(message);
    const std::size_t size = MNL_ALIGN(static_cast<std::size_t>(message->nlmsg_len));
    if (size >= datagram.size()) return;
    datagram = datagram.subspan(size);
  }
}

// A message's error, a negative errno, as a positive one.
inline int errno_of(int error) { return error == std::numeric_limits<int>::min() ? EBADMSG : -error; }

// The family header at the start of a message's payload; bytes beyond the end of a short message are zero.
template <class Header>
Header header_of(const nlmsghdr* message) {
  Header header{};
  const std::size_t size = message->nlmsg_len - MNL_NLMSG_HDRLEN;
  std::memcpy(&header, mnl_nlmsg_get_payload(message), size < sizeof header ? size : sizeof header);
  return header;
}

}  // namespace netlink

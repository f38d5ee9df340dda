// SPDX-License-Identifier: Apache-2.0
// What a netlink socket receives, looked at before it is believed (netlink(7)).
//
// Whoever has CAP_NET_ADMIN in a network namespace can send to any netlink socket in it, as a container can in its own: he
// could tell our socket there that a step is done which the kernel has not even begun, or what addresses it has. The kernel's
// own datagrams come from port 0.
#pragma once

#include <sys/types.h>

#include <cerrno>
#include <cstddef>
#include <cstring>
#include <limits>
#include <span>

#include <libmnl/libmnl.h>

namespace netlink {

// recvmsg(2): the bytes of a datagram; 0 for one that is not the kernel's; -1 and errno, ENOSPC for one of the kernel's that
// is longer than the buffer.
ssize_t receive_from_kernel(int socket, std::span<char> buffer, int flags = 0);

// Calls take(const nlmsghdr*) for each whole message; what is behind the first that is not whole is passed over. (libmnl's
// mnl_nlmsg_ok() takes a length of 2 GB and more for a negative one, which is less than all that is left.)
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

// What a message tells of a failure, a negative errno, as a positive one.
inline int errno_of(int told) { return told == std::numeric_limits<int>::min() ? EBADMSG : -told; }

// The family's header at the beginning of a message's payload; zero as far as the message is too short for it.
template <class Header>
Header header_of(const nlmsghdr* message) {
  Header header{};
  const std::size_t size = message->nlmsg_len - MNL_NLMSG_HDRLEN;
  std::memcpy(&header, mnl_nlmsg_get_payload(message), size < sizeof header ? size : sizeof header);
  return header;
}

}  // namespace netlink

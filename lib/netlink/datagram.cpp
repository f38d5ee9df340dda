// SPDX-License-Identifier: Apache-2.0
#include "lib/netlink/datagram.h"

#include <linux/netlink.h>
#include <sys/socket.h>

namespace netlink {

ssize_t receive_from_kernel(int socket, std::span<char> buffer, int flags) {
  sockaddr_nl sender{};
  iovec content{buffer.data(), buffer.size()};
  msghdr message{};
  message.msg_name = &sender;
  message.msg_namelen = sizeof sender;
  message.msg_iov = &content;
  message.msg_iovlen = 1;
  const ssize_t size = ::recvmsg(socket, &message, flags);
  if (size <= 0) return size;
  if (sender.nl_pid != 0) return 0;
  if ((message.msg_flags & MSG_TRUNC) == 0) return size;
  errno = ENOSPC;
  return -1;
}

}  // namespace netlink

#include "lib/netlink/datagram.h"

#include <linux/netlink.h>
#include <sys/socket.h>

namespace netlink {

ssize_t receive_from_kernel(int socket, std::span<char> buffer) {
  sockaddr_nl sender{};
  iovec content{buffer.data(), buffer.size()};
  msghdr message{};
  message.msg_name = &sender;
  message.msg_namelen = sizeof sender;
  message.msg_iov = &content;
  message.msg_iovlen = 1;
  const ssize_t size = ::recvmsg(socket, &message, 0);
  if (size <= 0) return size;
  return sender.nl_pid == 0 && (message.msg_flags & MSG_TRUNC) == 0 ? size : 0;
}

}  // namespace netlink

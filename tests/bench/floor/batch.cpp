// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/floor/batch.h"

#include <sys/socket.h>

#include <cerrno>

#include "tests/bench/floor/attachment.h"

namespace bench {

nlmsghdr* Batch::message(std::uint16_t type, std::uint16_t flags) {
  last_ = mnl_nlmsg_put_header(bytes_ + length_);
  last_->nlmsg_type = type;
  last_->nlmsg_flags = static_cast<std::uint16_t>(NLM_F_REQUEST | flags);
  last_->nlmsg_seq = ++sequence_;
  return last_;
}

void Batch::finish() { length_ += MNL_ALIGN(last_->nlmsg_len); }

void Batch::send(int socket, const char* what, bool is_acknowledged) {
  sockaddr_nl kernel{};
  kernel.nl_family = AF_NETLINK;
  const auto sent = ::sendto(socket, bytes_, length_, 0, reinterpret_cast<sockaddr*>(&kernel), sizeof kernel);
  if (sent != static_cast<ssize_t>(length_)) fail(what);
  if (!is_acknowledged) return;
  alignas(nlmsghdr) char reply[8192];
  const ssize_t got = ::recv(socket, reply, sizeof reply, 0);
  if (got < static_cast<ssize_t>(NLMSG_LENGTH(sizeof(nlmsgerr)))) fail(what);
  // The kernel reports an error even without NLM_F_ACK, before the last message's acknowledgement.
  const auto* header = reinterpret_cast<const nlmsghdr*>(reply);
  const auto* verdict = static_cast<const nlmsgerr*>(mnl_nlmsg_get_payload(header));
  errno = header->nlmsg_type == NLMSG_ERROR ? -verdict->error : EPROTO;
  if (errno != 0) fail(what);
}

int netlink_socket(int protocol) {
  const int socket = ::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol);
  if (socket < 0) fail("netlink socket");
  return socket;
}

}  // namespace bench

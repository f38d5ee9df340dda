// SPDX-License-Identifier: Apache-2.0
// A netlink socket, with two ways to use it: several requests in one send, and a dump.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <system_error>
#include <vector>

#include <libmnl/libmnl.h>

#include "lib/netlink/message.h"

namespace netlink {

using Reply = std::function<void(const nlmsghdr*)>;

// A message with the text for its failure: operation and object, "add address 10.88.0.1/16 to cni0".
struct Request {
  Message message;
  std::string what;
  std::vector<int> accepted = {};  // errno values that count as success: EEXIST, ENODEV, ESRCH ...
  Reply reply = {};                // receives the messages of the reply, if any are expected
  bool is_lookup = false;          // the reply is one message or an error: no acknowledgement is requested
};

class Socket {
 public:
  // protocol: NETLINK_ROUTE or NETLINK_NETFILTER; groups: bit mask of multicast groups to join (RTMGRP_*).
  // The socket belongs to the thread's current namespace. Throws std::system_error.
  explicit Socket(int protocol, unsigned groups = 0);

  // Sends all requests at once and reads all replies. The kernel processes them in order and continues after a failure.
  // Throws the first failure as std::system_error "<what>: <the kernel's own message, if any>: <strerror>". EPERM ends
  // the exchange: nfnetlink sends it as the only reply to all messages of a process without CAP_NET_ADMIN.
  void exchange(std::span<Request> requests);
  void exchange(Request request) { exchange({&request, 1}); }

  // A dump (NLM_F_DUMP is added): `reply` receives each message. If a change interrupts the dump, it calls `restart`,
  // which discards the messages so far, and repeats the dump. Throws EINTR after 20 interrupted dumps.
  void dump(Message message, const std::string& what, const Reply& reply, const std::function<void()>& restart);

  // How long a reply may take. The kernel replies before the send returns, so a healthy machine never waits here,
  // however busy it is. Waiting for kernel locks (rtnl, nf_tables' commit) happens in the send, which has no timeout.
  static constexpr std::chrono::seconds kTimeout{30};
  void set_timeout(std::chrono::milliseconds timeout) { timeout_ = timeout; }

  // Lower level, for protocols with rules of their own (nf_tables batches, multicast groups).
  std::uint32_t next_sequence() { return ++sequence_; }
  void send(std::span<const char> bytes, const std::string& what);

  // The kernel's next datagram. Datagrams from processes are ignored: netlink(7) lets any process with CAP_NET_ADMIN in
  // the namespace send them, also the container's root. Throws ETIMEDOUT "the kernel did not reply within 30 s:
  // <what>". A later reply is not mistaken for that of a later exchange, because of its sequence number.
  std::span<const char> receive(const std::string& what);

  // A datagram that is pending; empty if there is none, or if it is not from the kernel.
  std::span<const char> receive_pending(const std::string& what);
  [[nodiscard]] std::uint32_t port() const { return mnl_socket_get_portid(socket_.get()); }
  [[nodiscard]] int fd() const { return mnl_socket_get_fd(socket_.get()); }

  // The cookie of the socket's namespace, unique until the machine reboots; 0 before Linux 5.14. Throws
  // std::system_error.
  [[nodiscard]] std::uint64_t netns_cookie() const;

 private:
  void make_room(std::size_t bytes);
  bool dump_once(Message& message, const std::string& what, const Reply& reply);
  std::unique_ptr<mnl_socket, int (*)(mnl_socket*)> socket_;
  std::unique_ptr<char[]> buffer_;  // NOLINT(*-avoid-c-arrays): not initialised before it is read into
  std::size_t room_ = 8192;  // bytes that can be sent at once; the kernel's default buffers always hold this many
  std::uint32_t sequence_ = 0;
  std::chrono::milliseconds timeout_ = kTimeout;
};

// The errno of an NLMSG_ERROR message (0: an acknowledgement), and the kernel's own text, "" if there is none.
int error_of(const nlmsghdr* message);
std::string kernel_message(const nlmsghdr* message);

// The text and error of a failed request.
std::system_error failure(const nlmsghdr* message, const std::string& what);

}  // namespace netlink

// SPDX-License-Identifier: Apache-2.0
// A netlink socket, and the two ways to talk over it: several requests in one send, and a dump.
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

// A message with the sentence for its failure: operation and object, "add address 10.88.0.1/16 to cni0".
struct Request {
  Message message;
  std::string what;
  std::vector<int> accepted = {};  // errno values that are as good as success: EEXIST, ENODEV, ESRCH ...
  Reply reply = {};                // for the messages of the answer, if any are awaited
  bool is_lookup = false;          // answered by one message or by an error: no acknowledgement is asked for
};

class Socket {
 public:
  // protocol: NETLINK_ROUTE or NETLINK_NETFILTER; groups: a bit mask of multicast groups to hear (RTMGRP_*).
  // The socket belongs to the namespace that the thread is in now. Throws std::system_error.
  explicit Socket(int protocol, unsigned groups = 0);

  // Sends all requests at once and reads the answers together. The kernel takes them in order and goes on after one that
  // failed; the first failure is thrown as std::system_error "<what>: <the kernel's own message, if any>: <strerror>".
  // EPERM ends the exchange: nfnetlink gives it as its one answer to all messages of a process without CAP_NET_ADMIN.
  void exchange(std::span<Request> requests);
  void exchange(Request request) { exchange({&request, 1}); }

  // A dump (NLM_F_DUMP is added): `reply` sees each message. One that was interrupted by a change is taken again;
  // `restart` is called before that, to forget what came. Throws EINTR when it never comes out whole.
  void dump(Message message, const std::string& what, const Reply& reply, const std::function<void()>& restart);

  // How long an answer may take. The kernel answers before the send returns, so that nothing of this is ever waited for by a
  // healthy machine, however busy: who waits for locks of the kernel's (rtnl, nf_tables' commit) does so in the send, which
  // nothing can bound.
  static constexpr std::chrono::seconds kPatience{30};
  void set_patience(std::chrono::milliseconds patience) { patience_ = patience; }

  // Lower level, for protocols with rules of their own (nf_tables batches, multicast groups).
  std::uint32_t next_sequence() { return ++sequence_; }
  void send(std::span<const char> bytes, const std::string& what);

  // The next datagram of the kernel's. What processes send (netlink(7) lets whoever has CAP_NET_ADMIN over the namespace, so
  // the container's own root) is never taken for it. Throws ETIMEDOUT "the kernel has not answered within 30 s: <what>"; what
  // comes later belongs to no later exchange, by its sequence number.
  std::span<const char> receive(const std::string& what);

  // One that is there already; empty when there is none, and when it was none of the kernel's.
  std::span<const char> receive_what_is_there(const std::string& what);
  [[nodiscard]] std::uint32_t port() const { return mnl_socket_get_portid(socket_.get()); }
  [[nodiscard]] int fd() const { return mnl_socket_get_fd(socket_.get()); }

  // The number of the socket's namespace, which no other has until the machine starts again; 0 before Linux 5.14. Throws
  // std::system_error.
  [[nodiscard]] std::uint64_t netns_cookie() const;

 private:
  void make_room(std::size_t bytes);
  bool dump_once(Message& message, const std::string& what, const Reply& reply);
  std::unique_ptr<mnl_socket, int (*)(mnl_socket*)> socket_;
  std::unique_ptr<char[]> buffer_;  // NOLINT(*-avoid-c-arrays): one that is not written to before it is read into
  std::size_t room_ = 8192;  // bytes that can be sent at once; the kernel's default buffers take this many in any case
  std::uint32_t sequence_ = 0;
  std::chrono::milliseconds patience_ = kPatience;
};

// The errno of an NLMSG_ERROR message (0: an acknowledgement), and the kernel's own words about it, "" if it has none.
int error_of(const nlmsghdr* message);
std::string kernel_message(const nlmsghdr* message);

// The sentence and error of a failed request.
std::system_error failure(const nlmsghdr* message, const std::string& what);

}  // namespace netlink

// SPDX-License-Identifier: Apache-2.0
#include "lib/netlink/socket.h"

#include <linux/netlink.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <optional>

#include "lib/netlink/attributes.h"
#include "lib/netlink/datagram.h"
#include "lib/os/capability.h"
#include "lib/os/error.h"
#include "lib/os/waited_for.h"

namespace netlink {
namespace {

constexpr std::size_t kReceiveBuffer = 32768;  // bytes; the kernel fills a dump's datagrams up to this (netlink(7))

void set_option(mnl_socket* socket, int option) {
  int on = 1;
  // Kernels that do not know the option reject it; then error messages are less detailed.
  mnl_socket_setsockopt(socket, option, &on, sizeof on);
}

// Processes the messages of a reply. Sequence numbers, which begin at `first`, assign them to requests.
class Answers {
 public:
  Answers(std::span<Request> requests, std::uint32_t first)
      : requests_(requests), first_(first), open_(requests.size()) {}

  [[nodiscard]] bool complete() const { return open_ == 0; }
  void finish() const {
    if (failure_) throw std::system_error(*failure_);
  }

  void take(const nlmsghdr* message) {
    const std::uint32_t index = message->nlmsg_seq - first_;
    if (index >= requests_.size()) return;  // from an earlier exchange that was aborted
    Request& request = requests_[index];
    if (message->nlmsg_type != NLMSG_ERROR) {
      if (request.reply) request.reply(message);
      if (request.is_lookup) --open_;
      return;
    }
    --open_;
    const int error = error_of(message);
    if (error == EPERM) open_ = 0;
    if (error == 0 || std::find(request.accepted.begin(), request.accepted.end(), error) != request.accepted.end()) {
      return;
    }
    if (!failure_ || index < failed_) {
      failure_ = failure(message, request.what);
      failed_ = index;
    }
  }

 private:
  std::span<Request> requests_;
  std::uint32_t first_;
  std::size_t open_;
  std::optional<std::system_error> failure_;
  std::uint32_t failed_ = 0;
};

// A dump that fails halfway ends with NLMSG_DONE and a negative errno as its payload.
int done_error(const nlmsghdr* message) {
  if (mnl_nlmsg_get_payload_len(message) < sizeof(int)) return 0;
  return errno_of(*static_cast<const int*>(mnl_nlmsg_get_payload(message)));
}

}  // namespace

int error_of(const nlmsghdr* message) {
  if (mnl_nlmsg_get_payload_len(message) < sizeof(nlmsgerr)) return EBADMSG;
  return errno_of(static_cast<const nlmsgerr*>(mnl_nlmsg_get_payload(message))->error);
}

std::string kernel_message(const nlmsghdr* message) {
  if ((message->nlmsg_flags & NLM_F_ACK_TLVS) == 0) return {};
  if (mnl_nlmsg_get_payload_len(message) < sizeof(nlmsgerr)) return {};
  std::size_t header = sizeof(nlmsgerr);
  if ((message->nlmsg_flags & NLM_F_CAPPED) == 0) {
    const auto* const error = static_cast<const nlmsgerr*>(mnl_nlmsg_get_payload(message));
    header += mnl_nlmsg_get_payload_len(&error->msg);
  }
  return Attributes(message, header).text(NLMSGERR_ATTR_MSG);
}

std::system_error failure(const nlmsghdr* message, const std::string& what) {
  const int error = error_of(message);
  const std::string detail = kernel_message(message);
  const std::string attempt = what + os::missing(os::Capability::net_admin, error);
  return os::error(error, detail.empty() ? attempt : attempt + ": " + detail);
}

Socket::Socket(int protocol, unsigned groups)
    : socket_(mnl_socket_open2(protocol, SOCK_CLOEXEC), mnl_socket_close),
      buffer_(std::make_unique_for_overwrite<char[]>(kReceiveBuffer)) {  // NOLINT(*-avoid-c-arrays)
  if (!socket_) throw os::last_error("open netlink socket");
  if (mnl_socket_bind(socket_.get(), groups, MNL_SOCKET_AUTOPID) != 0) throw os::last_error("bind netlink socket");
  set_option(socket_.get(), NETLINK_EXT_ACK);
  set_option(socket_.get(), NETLINK_CAP_ACK);
  set_option(socket_.get(), NETLINK_GET_STRICT_CHK);
}

std::uint64_t Socket::netns_cookie() const {
  std::uint64_t cookie = 0;
  socklen_t size = sizeof cookie;
  if (::getsockopt(fd(), SOL_SOCKET, SO_NETNS_COOKIE, &cookie, &size) == 0) return cookie;
  if (errno == ENOPROTOOPT) return 0;
  throw os::last_error("read the cookie of the network namespace");
}

// The kernel rejects a send that exceeds the send buffer (EMSGSIZE). It replies to all messages of a send before we
// read the first reply, and drops replies that exceed the receive buffer (ENOBUFS). A container with a thousand ports
// is not unusual. This allocates nothing; without CAP_NET_ADMIN it has no effect.
void Socket::make_room(std::size_t bytes) {
  constexpr std::size_t kAnswers = 32;  // the reply to the smallest message, 40 bytes, takes 1280 in the kernel
  if (bytes <= room_) return;
  room_ = bytes;
  const int send = static_cast<int>(bytes);
  const int receive = static_cast<int>(std::min<std::size_t>(bytes * kAnswers, 1U << 30U));
  ::setsockopt(fd(), SOL_SOCKET, SO_SNDBUFFORCE, &send, sizeof send);
  ::setsockopt(fd(), SOL_SOCKET, SO_RCVBUFFORCE, &receive, sizeof receive);
}

void Socket::send(std::span<const char> bytes, const std::string& what) {
  make_room(bytes.size());
  while (mnl_socket_sendto(socket_.get(), bytes.data(), bytes.size()) < 0) {
    if (errno != EINTR) throw os::last_error(what);
  }
}

std::span<const char> Socket::receive_pending(const std::string& what) {
  ssize_t count = 0;
  do {
    count = receive_from_kernel(fd(), {buffer_.get(), kReceiveBuffer}, MSG_DONTWAIT);
  } while (count < 0 && errno == EINTR);
  if (count < 0 && errno == EAGAIN) return {};
  if (count < 0) throw os::last_error(what);
  return {buffer_.get(), static_cast<std::size_t>(count)};
}

// The reply is usually there already, so the clock is only read if it is not.
std::span<const char> Socket::receive(const std::string& what) {
  using Clock = std::chrono::steady_clock;
  std::optional<Clock::time_point> end;
  for (;;) {
    const auto datagram = receive_pending(what);
    if (!datagram.empty()) return datagram;
    if (!end) end = Clock::now() + timeout_;
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(*end - Clock::now());
    pollfd waiting{fd(), POLLIN, 0};
    const int ready = left.count() > 0 ? ::poll(&waiting, 1, static_cast<int>(left.count())) : 0;
    if (ready == 0) {
      throw os::error(ETIMEDOUT, "the kernel did not reply within " + os::duration_text(timeout_) + ": " + what);
    }
  }
}

void Socket::exchange(std::span<Request> requests) {
  if (requests.empty()) return;
  std::vector<char> bytes;
  const std::uint32_t first = sequence_ + 1;
  for (Request& request : requests) {
    request.message.message()->nlmsg_seq = next_sequence();
    if (!request.is_lookup) request.message.message()->nlmsg_flags |= NLM_F_ACK;
    const auto message = request.message.bytes();
    bytes.insert(bytes.end(), message.begin(), message.end());
    bytes.resize(MNL_ALIGN(bytes.size()));
  }
  send(bytes, requests.front().what);
  Answers answers(requests, first);
  while (!answers.complete()) {
    for_each_message(receive(requests.front().what), [&](const nlmsghdr* message) { answers.take(message); });
  }
  answers.finish();
}

bool Socket::dump_once(Message& message, const std::string& what, const Reply& reply) {
  message.message()->nlmsg_seq = next_sequence();
  message.message()->nlmsg_flags |= NLM_F_DUMP;
  send(message.bytes(), what);
  bool is_intact = true;
  for (bool is_done = false; !is_done;) {
    for_each_message(receive(what), [&](const nlmsghdr* part) {
      if (part->nlmsg_seq != sequence_) return;
      if ((part->nlmsg_flags & NLM_F_DUMP_INTR) != 0) is_intact = false;
      if (part->nlmsg_type == NLMSG_ERROR && error_of(part) != 0) throw failure(part, what);
      if (part->nlmsg_type == NLMSG_DONE && done_error(part) != 0) throw os::error(done_error(part), what);
      is_done = is_done || part->nlmsg_type == NLMSG_DONE || part->nlmsg_type == NLMSG_ERROR;
      if (part->nlmsg_type >= NLMSG_MIN_TYPE) reply(part);
    });
  }
  return is_intact;
}

// The kernel runs one dump per socket. EBUSY: an earlier one failed halfway; reading the rest of it ends it.
void Socket::dump(Message message, const std::string& what, const Reply& reply, const std::function<void()>& restart) {
  constexpr int kTries = 20;
  for (int i = 0; i < kTries; ++i) {
    restart();
    try {
      if (dump_once(message, what, reply)) return;
    } catch (const std::system_error& error) {
      if (error.code().value() != EBUSY) throw;
      while (!receive_pending(what).empty()) continue;
    }
  }
  throw os::error(EINTR, what + ": interrupted by changes 20 times");
}

}  // namespace netlink

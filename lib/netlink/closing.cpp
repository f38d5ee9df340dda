// SPDX-License-Identifier: Apache-2.0
#include "lib/netlink/closing.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstring>
#include <string_view>
#include <vector>

#include "lib/os/detached.h"
#include "lib/os/error.h"

namespace netlink {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kQuiet{100};     // longer than the worker takes on a machine that is not overloaded
constexpr std::chrono::milliseconds kLongest{5000};  // if it never becomes quiet; the next call starts another child
constexpr std::size_t kMost = 400;                   // sockets; by default a process may have 1024
constexpr std::string_view kName = "footbridge/closing";  // abstract: unix(7), one in each network namespace

// Nonblocking: the process that owns the name may be stopped or hostile, and must not block us.
os::Fd make_socket() { return os::Fd(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)); }

struct Address {
  sockaddr_un address{};
  socklen_t size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + kName.size());
  Address() {
    address.sun_family = AF_UNIX;
    kName.copy(address.sun_path + 1, kName.size());
  }
  [[nodiscard]] const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&address); }
};

// Any process may bind an abstract name or connect to it. Sockets are only passed to, and accepted from, processes of
// the same user. Closing a stranger's descriptor could block forever.
bool is_of_same_user(const os::Fd& connection) {
  ucred peer{};
  socklen_t size = sizeof peer;
  return ::getsockopt(connection.get(), SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 && peer.uid == ::geteuid();
}

// One descriptor as a message (cmsg(3)).
struct FdMessage {
  char byte = 0;
  iovec content{&byte, 1};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> control{};
  msghdr message{};
  FdMessage() {
    message.msg_iov = &content;
    message.msg_iovlen = 1;
    message.msg_control = control.data();
    message.msg_controllen = control.size();
  }
};

bool pass_on(int fd) {
  const os::Fd connection = make_socket();
  const Address closer;
  if (!connection || ::connect(connection.get(), closer.get(), closer.size) != 0) return false;
  if (!is_of_same_user(connection)) return false;
  FdMessage parcel;
  cmsghdr* const header = CMSG_FIRSTHDR(&parcel.message);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN(sizeof fd);
  std::memcpy(CMSG_DATA(header), &fd, sizeof fd);
  return ::sendmsg(connection.get(), &parcel.message, MSG_NOSIGNAL | MSG_DONTWAIT) == 1;
}

// Receives the descriptor from the next connection, if any. Clients send at once, so the timeout is short.
os::Fd take(int listening) {
  const os::Fd connection(::accept4(listening, nullptr, nullptr, SOCK_CLOEXEC));
  const timeval longest{0, 100000};
  ::setsockopt(connection.get(), SOL_SOCKET, SO_RCVTIMEO, &longest, sizeof longest);
  FdMessage parcel;
  if (!connection || !is_of_same_user(connection)) return {};
  if (::recvmsg(connection.get(), &parcel.message, MSG_CMSG_CLOEXEC) != 1) return {};
  const cmsghdr* const header = CMSG_FIRSTHDR(&parcel.message);
  if (header == nullptr || header->cmsg_type != SCM_RIGHTS || header->cmsg_len != CMSG_LEN(sizeof(int))) return {};
  int fd = -1;
  std::memcpy(&fd, CMSG_DATA(header), sizeof fd);
  return os::Fd(fd);
}

// The child: keeps the sockets that it receives. Its exit closes them, and pending ones with the listening socket.
void keep_until_quiet(int listening) {
  const Clock::time_point end = Clock::now() + kLongest;
  std::vector<os::Fd> kept;
  while (Clock::now() < end && kept.size() < kMost) {
    pollfd waiting{listening, POLLIN, 0};
    const int ready = ::poll(&waiting, 1, static_cast<int>(kQuiet.count()));
    if (ready == 0) return;
    if (ready > 0) kept.push_back(take(listening));
  }
}

// Binds the name and listens; none if another process owns the name.
os::Fd take_name() {
  os::Fd listening = make_socket();
  const Address own;
  constexpr int kWaiting = 1024;
  if (!listening || ::bind(listening.get(), own.get(), own.size) != 0) return {};
  return ::listen(listening.get(), kWaiting) == 0 ? std::move(listening) : os::Fd();
}

}  // namespace

void close_deferred(Socket socket, bool has_removed) noexcept {
  try {
    if (pass_on(socket.fd()) || !has_removed) return;
    os::Fd listening = take_name();
    if (!listening) {  // another call was faster
      pass_on(socket.fd());
      return;
    }
    const std::array keep{listening.get(), socket.fd()};
    const os::Detached closer(keep, [&] { keep_until_quiet(listening.get()); });
    const Socket closed = std::move(socket);  // closed before the tie to the child, which ends after that
  } catch (const std::exception&) {           // NOLINT(bugprone-empty-catch): then it is closed here, which may wait
  }
}

}  // namespace netlink

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

constexpr std::chrono::milliseconds kQuiet{100};  // longer than the worker takes on a machine that is not overloaded
constexpr std::chrono::milliseconds kLongest{
    5000};                          // where there is no quiet at all; the next call makes another child
constexpr std::size_t kMost = 400;  // sockets; a process may have 1024 by default
constexpr std::string_view kName = "footbridge/closing";  // abstract: unix(7), one in each network namespace

// Nothing is waited for by it: who has the name may be stopped, or a stranger who lets those who connect wait for ever.
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

// Anybody may take an abstract name or connect to it: a socket is only handed to a process of the same user, and only taken
// from one. A stranger's descriptor could be one that is never done with being closed.
bool is_of_same_user(const os::Fd& connection) {
  ucred peer{};
  socklen_t size = sizeof peer;
  return ::getsockopt(connection.get(), SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 && peer.uid == ::geteuid();
}

// One descriptor as a message (cmsg(3)).
struct Parcel {
  char byte = 0;
  iovec content{&byte, 1};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> control{};
  msghdr message{};
  Parcel() {
    message.msg_iov = &content;
    message.msg_iovlen = 1;
    message.msg_control = control.data();
    message.msg_controllen = control.size();
  }
};

bool hand_over(int fd) {
  const os::Fd connection = make_socket();
  const Address closer;
  if (!connection || ::connect(connection.get(), closer.get(), closer.size) != 0) return false;
  if (!is_of_same_user(connection)) return false;
  Parcel parcel;
  cmsghdr* const header = CMSG_FIRSTHDR(&parcel.message);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN(sizeof fd);
  std::memcpy(CMSG_DATA(header), &fd, sizeof fd);
  return ::sendmsg(connection.get(), &parcel.message, MSG_NOSIGNAL | MSG_DONTWAIT) == 1;
}

// Whatever comes along with the next connection, or nothing: who connects sends at once, so that nobody is waited for long.
os::Fd take(int listening) {
  const os::Fd connection(::accept4(listening, nullptr, nullptr, SOCK_CLOEXEC));
  const timeval longest{0, 100000};
  ::setsockopt(connection.get(), SOL_SOCKET, SO_RCVTIMEO, &longest, sizeof longest);
  Parcel parcel;
  if (!connection || !is_of_same_user(connection)) return {};
  if (::recvmsg(connection.get(), &parcel.message, MSG_CMSG_CLOEXEC) != 1) return {};
  const cmsghdr* const header = CMSG_FIRSTHDR(&parcel.message);
  if (header == nullptr || header->cmsg_type != SCM_RIGHTS || header->cmsg_len != CMSG_LEN(sizeof(int))) return {};
  int fd = -1;
  std::memcpy(&fd, CMSG_DATA(header), sizeof fd);
  return os::Fd(fd);
}

// The child's life. What it was handed is closed by its end, and what is on its way with the listening socket.
void collect(int listening) {
  const Clock::time_point end = Clock::now() + kLongest;
  std::vector<os::Fd> kept;
  while (Clock::now() < end && kept.size() < kMost) {
    pollfd waiting{listening, POLLIN, 0};
    const int ready = ::poll(&waiting, 1, static_cast<int>(kQuiet.count()));
    if (ready == 0) return;
    if (ready > 0) kept.push_back(take(listening));
  }
}

// The name, listening; none when another process has it.
os::Fd take_name() {
  os::Fd listening = make_socket();
  const Address own;
  constexpr int kWaiting = 1024;
  if (!listening || ::bind(listening.get(), own.get(), own.size) != 0) return {};
  return ::listen(listening.get(), kWaiting) == 0 ? std::move(listening) : os::Fd();
}

}  // namespace

void close_in_quiet(Socket socket, bool has_removed) noexcept {
  try {
    if (hand_over(socket.fd()) || !has_removed) return;
    os::Fd listening = take_name();
    if (!listening) {  // another call was quicker
      hand_over(socket.fd());
      return;
    }
    const std::array keep{listening.get(), socket.fd()};
    const os::Detached closer(keep, [&] { collect(listening.get()); });
    const Socket closed = std::move(socket);  // before the tie to the child: it ends once ours is closed
  } catch (const std::exception&) {           // NOLINT(bugprone-empty-catch): it is closed here then, and waited for
  }
}

}  // namespace netlink

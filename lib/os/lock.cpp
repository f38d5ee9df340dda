// SPDX-License-Identifier: Apache-2.0
#include "lib/os/lock.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstddef>

#include "lib/os/error.h"
#include "lib/os/file.h"
#include "lib/os/interruption.h"
#include "lib/os/waited_for.h"

namespace os {
namespace {

using Clock = std::chrono::steady_clock;

Fd unix_socket() {
  Fd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!socket) throw last_error("socket");
  return socket;
}

struct Name {
  sockaddr_un address{};
  socklen_t size = 0;
};

Name abstract_name(const std::string& text) {
  Name name;
  name.address.sun_family = AF_UNIX;
  if (text.size() + 1 > sizeof name.address.sun_path) throw error(ENAMETOOLONG, "lock " + text);
  std::copy(text.begin(), text.end(), name.address.sun_path + 1);  // after a NUL byte: the abstract namespace
  name.size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + text.size());
  return name;
}

struct Wait {
  bool is_over = false;  // the deadline came first
  pid_t holder = 0;
};

// connect(2) blocks while a listener's queue is full. A foreign listener may have a short queue.
void limit_connecting(const Fd& socket, std::chrono::milliseconds time) {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(time);
  const timeval limit{seconds.count(), std::chrono::microseconds(time - seconds).count()};
  ::setsockopt(socket.get(), SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
}

// The process that called listen(2), with its pid at that time (SO_PEERCRED, unix(7)).
pid_t peer_of(const Fd& socket) {
  ucred peer{};
  socklen_t size = sizeof peer;
  return ::getsockopt(socket.get(), SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 ? peer.pid : 0;
}

// Connects to the owner, which never accepts: the connection ends when the owner does. An owner that does not listen
// yet cannot be waited for; the caller tries again soon.
Wait wait_for_end(const Name& name, Clock::time_point deadline) {
  constexpr int kSoon = 5;  // milliseconds
  const auto left = [&] { return std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now()); };
  if (left().count() <= 0) return {true, 0};
  const Fd socket = unix_socket();
  limit_connecting(socket, std::max(left(), std::chrono::milliseconds(1)));  // 0 would be no limit
  if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&name.address), name.size) != 0) {
    const int failed = errno;
    if (failed != EINTR && failed != EAGAIN) ::poll(nullptr, 0, kSoon);
    return {failed == EAGAIN, 0};
  }
  const pid_t holder = peer_of(socket);
  for (;;) {
    if (left().count() <= 0) return {true, holder};
    pollfd waiting{socket.get(), POLLIN, 0};
    if (::poll(&waiting, 1, static_cast<int>(left().count())) > 0) return {false, holder};
  }
}

std::system_error overdue(const std::string& name, std::chrono::milliseconds timeout, pid_t holder) {
  return error(ETIMEDOUT, "lock " + name + ": waited " + duration_text(timeout) + " for " + process_text(holder));
}

// Without a timer.
bool lock_by_asking(int fd, std::chrono::milliseconds timeout) {
  constexpr int kAgain = 20;  // milliseconds
  for (const auto end = Clock::now() + timeout; Clock::now() < end; ::poll(nullptr, 0, kAgain)) {
    if (::flock(fd, LOCK_EX | LOCK_NB) == 0) return true;
    if (errno != EWOULDBLOCK && errno != EINTR) throw last_error("lock");
  }
  return false;
}

}  // namespace

bool lock_within(int fd, std::chrono::milliseconds timeout) {
  // Usually the only system call. flock(2) has no timeout. Blocking in it keeps the order of the waiters; polling does
  // not.
  if (::flock(fd, LOCK_EX | LOCK_NB) == 0) return true;
  if (errno != EWOULDBLOCK && errno != EINTR) throw last_error("lock");
  try {
    const Interruption interruption(timeout);
    while (::flock(fd, LOCK_EX) != 0) {
      if (errno != EINTR) throw last_error("lock");
      if (interruption.is_due()) return false;
    }
    return true;
  } catch (const Interruption::None&) {
    return lock_by_asking(fd, timeout);
  }
}

FileLock::FileLock(int directory, const std::string& name, mode_t mode, std::chrono::milliseconds timeout)
    : file_(open_regular_at(directory, name, O_RDONLY | O_CREAT, mode)) {
  if (!lock_within(file_.get(), timeout)) throw overdue(name, timeout, flock_holder(file_.get()));
}

NameLock::NameLock(const std::string& name, std::chrono::milliseconds timeout) : socket_(unix_socket()) {
  constexpr int kMostWaiting = 1024;
  const Name address = abstract_name(name);
  const auto end = Clock::now() + timeout;
  pid_t holder = 0;
  while (::bind(socket_.get(), reinterpret_cast<const sockaddr*>(&address.address), address.size) != 0) {
    if (errno != EADDRINUSE) throw last_error("lock " + name);
    const Wait wait = wait_for_end(address, end);
    if (wait.holder != 0) holder = wait.holder;
    if (wait.is_over) throw overdue(name, timeout, holder);
  }
  if (::listen(socket_.get(), kMostWaiting) != 0) throw last_error("lock " + name);
}

}  // namespace os

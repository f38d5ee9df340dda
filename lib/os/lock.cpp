#include "lib/os/lock.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>

#include "lib/os/error.h"
#include "lib/os/file.h"

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
  std::copy(text.begin(), text.end(), name.address.sun_path + 1);  // behind a NUL: no file
  name.size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + text.size());
  return name;
}

// Connects to the holder, who never answers: the connection ends when the holder does. false when the deadline came first.
bool wait_for_end(const Name& name, Clock::time_point deadline) {
  const Fd socket = unix_socket();
  if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&name.address), name.size) != 0) return true;
  for (;;) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()).count();
    if (left <= 0) return false;
    pollfd waiting{socket.get(), POLLIN, 0};
    if (::poll(&waiting, 1, static_cast<int>(left)) > 0) return true;
  }
}

}  // namespace

FileLock::FileLock(int directory, const std::string& name, mode_t mode)
    : file_(open_file_at(directory, name, O_RDONLY | O_CREAT, mode)) {
  while (::flock(file_.get(), LOCK_EX) != 0) {
    if (errno != EINTR) throw last_error("lock " + name);
  }
}

NameLock::NameLock(const std::string& name, std::chrono::milliseconds deadline) : socket_(unix_socket()) {
  constexpr int kMostWaiting = 1024;
  const Name address = abstract_name(name);
  const auto end = Clock::now() + deadline;
  while (::bind(socket_.get(), reinterpret_cast<const sockaddr*>(&address.address), address.size) != 0) {
    if (errno != EADDRINUSE) throw last_error("lock " + name);
    if (Clock::now() >= end || !wait_for_end(address, end)) throw error(ETIMEDOUT, "lock " + name);
  }
  if (::listen(socket_.get(), kMostWaiting) != 0) throw last_error("lock " + name);
}

}  // namespace os

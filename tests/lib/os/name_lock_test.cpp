// SPDX-License-Identifier: Apache-2.0
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstddef>
#include <optional>
#include <string>
#include <system_error>

#include <doctest/doctest.h>

#include "lib/os/fd.h"
#include "lib/os/lock.h"
#include "lib/os/waited_for.h"

namespace {

using std::chrono::milliseconds;

std::string name() { return "footbridge-test/" + std::to_string(::getpid()); }

int refusal(const std::string& text, milliseconds deadline) {
  try {
    const os::NameLock lock(text, deadline);
    return 0;
  } catch (const std::system_error& error) {
    return error.code().value();
  }
}

}  // namespace

TEST_CASE("one process at a time has a name, and its end frees the name") {
  std::optional<os::NameLock> lock;
  lock.emplace(name(), milliseconds(0));
  CHECK(refusal(name(), milliseconds(50)) == ETIMEDOUT);
  CHECK(refusal(name() + "/other", milliseconds(0)) == 0);
  lock.reset();
  CHECK(refusal(name(), milliseconds(0)) == 0);
}

TEST_CASE("a waiter wakes up when the owner is killed") {
  const std::string shared = name();
  int ready[2];
  REQUIRE(::pipe(ready) == 0);
  const pid_t holder = ::fork();
  if (holder == 0) {
    const os::NameLock lock(shared, milliseconds(0));
    static_cast<void>(!::write(ready[1], "x", 1));
    ::pause();
    ::_exit(0);
  }
  char byte = 0;
  REQUIRE(::read(ready[0], &byte, 1) == 1);
  const pid_t killer = ::fork();
  if (killer == 0) {
    ::usleep(50000);
    ::kill(holder, SIGKILL);
    ::_exit(0);
  }
  CHECK(refusal(shared, milliseconds(20000)) == 0);
  ::waitpid(holder, nullptr, 0);
  ::waitpid(killer, nullptr, 0);
  ::close(ready[0]);
  ::close(ready[1]);
}

namespace {

// A name that another program has, listening or not.
struct Taken {
  os::Fd socket{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  sockaddr_un address{};
  socklen_t size = 0;

  explicit Taken(const std::string& text) {
    address.sun_family = AF_UNIX;
    text.copy(address.sun_path + 1, text.size());
    size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + text.size());
    REQUIRE(::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), size) == 0);
  }
};

}  // namespace

TEST_CASE("the timeout error names the process that has the name") {
  const os::NameLock lock(name(), milliseconds(0));
  CHECK_THROWS_WITH_AS(
      os::NameLock(name(), milliseconds(50)),
      ("lock " + name() + ": waited 50 ms for " + os::process_text(::getpid()) + ": Connection timed out").c_str(),
      std::system_error);
}

TEST_CASE("a foreign owner that does not listen or accept cannot block us for ever") {
  const Taken taken(name());
  CHECK(refusal(name(), milliseconds(50)) == ETIMEDOUT);
  REQUIRE(::listen(taken.socket.get(), 0) == 0);
  const os::Fd queue(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  REQUIRE(::connect(queue.get(), reinterpret_cast<const sockaddr*>(&taken.address), taken.size) == 0);
  CHECK(refusal(name(), milliseconds(50)) == ETIMEDOUT);  // its queue is full: connect(2) blocks
}

TEST_CASE("a name that is too long for a socket is rejected") {
  CHECK(refusal(std::string(200, 'x'), milliseconds(0)) == ENAMETOOLONG);
}

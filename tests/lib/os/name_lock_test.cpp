#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <optional>
#include <string>
#include <system_error>

#include <doctest/doctest.h>

#include "lib/os/lock.h"

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

TEST_CASE("a name is held by one at a time, and free again when its holder ends") {
  std::optional<os::NameLock> lock;
  lock.emplace(name(), milliseconds(0));
  CHECK(refusal(name(), milliseconds(50)) == ETIMEDOUT);
  CHECK(refusal(name() + "/other", milliseconds(0)) == 0);
  lock.reset();
  CHECK(refusal(name(), milliseconds(0)) == 0);
}

TEST_CASE("who waits is woken when the holder is killed") {
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

TEST_CASE("a name that a socket cannot have is refused") {
  CHECK(refusal(std::string(200, 'x'), milliseconds(0)) == ENAMETOOLONG);
}

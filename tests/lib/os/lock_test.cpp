// SPDX-License-Identifier: Apache-2.0
#include "lib/os/lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <functional>
#include <string>
#include <system_error>
#include <vector>

#include <doctest/doctest.h>

#include "lib/os/file.h"
#include "lib/os/waited_for.h"
#include "tests/lib/os/temporary_directory.h"

using namespace std::chrono_literals;

namespace {

constexpr auto kPatience = 20s;  // nobody has to wait that long

// A process that has the lock until this object's end.
class Holder {
 public:
  explicit Holder(int directory) {
    int ready[2];
    REQUIRE(::pipe(ready) == 0);
    pid_ = ::fork();
    REQUIRE(pid_ >= 0);
    if (pid_ == 0) {
      const os::FileLock lock(directory, "lock", 0750, kPatience);
      static_cast<void>(!::write(ready[1], "x", 1));
      ::pause();
      ::_exit(0);
    }
    char byte = 0;
    REQUIRE(::read(ready[0], &byte, 1) == 1);
    ::close(ready[0]);
    ::close(ready[1]);
  }
  Holder(const Holder&) = delete;
  Holder& operator=(const Holder&) = delete;
  ~Holder() {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  [[nodiscard]] pid_t pid() const { return pid_; }

 private:
  pid_t pid_ = -1;
};

std::string refusal(const std::function<void()>& lock) {
  try {
    lock();
    return "";
  } catch (const std::system_error& error) {
    return error.what();
  }
}

}  // namespace

TEST_CASE("a lock creates its file, keeps others out, and lets them in at the end of its scope") {
  const TemporaryDirectory temporary;
  const Umask umask(0);
  const os::Fd directory = os::open_file(temporary.path(), O_RDONLY | O_DIRECTORY);
  const auto is_free = [&] {
    const os::Fd other = os::open_file(temporary.path("lock"), O_RDONLY);
    return ::flock(other.get(), LOCK_EX | LOCK_NB) == 0;
  };
  {
    const os::FileLock lock(directory.get(), "lock", 0750, kPatience);
    CHECK_FALSE(is_free());
  }
  CHECK(is_free());
  CHECK(temporary.mode("lock") == "0750");
  CHECK(temporary.read("lock").empty());
}

TEST_CASE("a lock waits for the process that has it") {
  const TemporaryDirectory temporary;
  const os::Fd directory = os::open_file(temporary.path(), O_RDONLY | O_DIRECTORY);
  int ready[2];
  REQUIRE(::pipe(ready) == 0);
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    const os::FileLock lock(directory.get(), "lock", 0750, kPatience);
    static_cast<void>(!::write(ready[1], "x", 1));
    ::usleep(50000);  // long enough for the parent to get to the lock
    os::create_whole_at(directory.get(), "done", "", 0600);
    ::_exit(0);
  }
  char byte = 0;
  REQUIRE(::read(ready[0], &byte, 1) == 1);
  const os::FileLock lock(directory.get(), "lock", 0750, kPatience);
  CHECK(temporary.has("done"));
  int status = 1;
  CHECK(::waitpid(child, &status, 0) == child);
  CHECK(status == 0);
  ::close(ready[0]);
  ::close(ready[1]);
}

TEST_CASE("a lock does not follow a symbolic link") {
  const TemporaryDirectory temporary;
  const os::Fd directory = os::open_file(temporary.path(), O_RDONLY | O_DIRECTORY);
  std::filesystem::create_symlink("nowhere", temporary.path("lock"));
  CHECK_THROWS_WITH_AS(os::FileLock(directory.get(), "lock", 0750, kPatience),
                       "open lock: Too many levels of symbolic links", std::system_error);
  CHECK_FALSE(temporary.has("nowhere"));
}

TEST_CASE("a lock that somebody keeps is waited for as long as was said, and the error tells how long and for whom") {
  const TemporaryDirectory temporary;
  const os::Fd directory = os::open_file(temporary.path(), O_RDONLY | O_DIRECTORY);
  const auto lock = [&] { os::FileLock(directory.get(), "lock", 0750, 150ms); };
  {
    const Holder holder(directory.get());
    const auto begin = std::chrono::steady_clock::now();
    CHECK(refusal(lock) == "lock lock: waited 150 ms for " + os::process_text(holder.pid()) + ": Connection timed out");
    CHECK(std::chrono::steady_clock::now() - begin >= 150ms);
    CHECK(os::process_text(holder.pid()).starts_with("process " + std::to_string(holder.pid()) + " (lib_os"));
  }
  CHECK(refusal(lock).empty());
}

TEST_CASE("waiting for a lock leaves the process's signals as they were, and is not put off by them") {
  const TemporaryDirectory temporary;
  const os::Fd directory = os::open_file(temporary.path(), O_RDONLY | O_DIRECTORY);
  const Holder holder(directory.get());
  sigset_t blocked;
  sigset_t before;
  ::sigemptyset(&blocked);
  ::sigaddset(&blocked, SIGRTMIN);
  REQUIRE(::sigprocmask(SIG_BLOCK, &blocked, &before) == 0);
  const auto ours = ::signal(SIGRTMIN, SIG_IGN);
  CHECK(
      refusal([&] { os::FileLock(directory.get(), "lock", 0750, 50ms); }).starts_with("lock lock: waited 50 ms for "));
  const bool is_ignored = ::signal(SIGRTMIN, ours) == SIG_IGN;
  CHECK(is_ignored);
  sigset_t after;
  REQUIRE(::sigprocmask(SIG_SETMASK, &before, &after) == 0);
  CHECK(::sigismember(&after, SIGRTMIN) == 1);
}

TEST_CASE("the holder of a lock is told by its process, or that it cannot be known") {
  CHECK(os::process_text(::getpid()).starts_with("process " + std::to_string(::getpid()) + " (lib_os"));
  CHECK(os::process_text(0) == "a process that is not visible from here");
  CHECK(os::process_text(-1) == "a process that is not visible from here");
  const pid_t child = ::fork();
  if (child == 0) ::_exit(0);
  ::waitpid(child, nullptr, 0);
  CHECK(os::process_text(child) == "process " + std::to_string(child) + ", which has ended");
  const TemporaryDirectory temporary;
  temporary.write("free", "");
  const os::Fd free = os::open_file(temporary.path("free"), O_RDONLY);
  CHECK(os::flock_holder(free.get()) == 0);
  REQUIRE(::flock(free.get(), LOCK_SH) == 0);
  CHECK(os::flock_holder(free.get()) == ::getpid());
  CHECK(os::duration_text(30s) == "30 s");
  CHECK(os::duration_text(1500ms) == "1500 ms");
}

TEST_CASE("those who wait for a lock get it, all of them, one at a time") {
  const TemporaryDirectory temporary;
  const os::Fd directory = os::open_file(temporary.path(), O_RDONLY | O_DIRECTORY);
  temporary.write("count", std::string(1, '\0'));
  const auto count_up = [&]() noexcept {
    const os::FileLock lock(directory.get(), "lock", 0750, kPatience);
    const os::Fd count = os::open_file(temporary.path("count"), O_RDWR);
    char value = 0;
    bool is_well = ::pread(count.get(), &value, 1, 0) == 1;
    ++value;
    is_well = is_well && ::pwrite(count.get(), &value, 1, 0) == 1;
    ::_exit(is_well ? 0 : 1);
  };
  std::vector<pid_t> children;
  {
    const Holder holder(directory.get());
    for (int i = 0; i < 64; ++i) {
      children.push_back(::fork());
      if (children.back() == 0) count_up();
    }
  }
  int well = 0;
  for (const pid_t child : children) {
    int status = 1;
    ::waitpid(child, &status, 0);
    if (status == 0) ++well;
  }
  CHECK(well == 64);
  CHECK(temporary.read("count") == std::string(1, 64));
}

#include "lib/os/lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <system_error>

#include <doctest/doctest.h>

#include "lib/os/file.h"
#include "tests/lib/os/temporary_directory.h"

TEST_CASE("a lock creates its file, keeps others out, and lets them in at the end of its scope") {
  const TemporaryDirectory temporary;
  const Umask umask(0);
  const os::Fd directory = os::open_file(temporary.path(), O_RDONLY | O_DIRECTORY);
  const auto is_free = [&] {
    const os::Fd other = os::open_file(temporary.path("lock"), O_RDONLY);
    return ::flock(other.get(), LOCK_EX | LOCK_NB) == 0;
  };
  {
    const os::FileLock lock(directory.get(), "lock", 0750);
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
    const os::FileLock lock(directory.get(), "lock", 0750);
    static_cast<void>(!::write(ready[1], "x", 1));
    ::usleep(50000);  // long enough for the parent to get to the lock
    os::create_whole_at(directory.get(), "done", "", 0600);
    ::_exit(0);
  }
  char byte = 0;
  REQUIRE(::read(ready[0], &byte, 1) == 1);
  const os::FileLock lock(directory.get(), "lock", 0750);
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
  CHECK_THROWS_WITH_AS(os::FileLock(directory.get(), "lock", 0750), "open lock: Too many levels of symbolic links",
                       std::system_error);
  CHECK_FALSE(temporary.has("nowhere"));
}

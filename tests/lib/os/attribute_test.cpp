// SPDX-License-Identifier: Apache-2.0
#include "lib/os/attribute.h"

#include <fcntl.h>
#include <sys/xattr.h>

#include <doctest/doctest.h>

#include "lib/os/file.h"
#include "tests/lib/os/temporary_directory.h"

TEST_CASE("an attribute of a file or a directory is read back, and content and name stay the same") {
  const TemporaryDirectory temporary;
  temporary.write("a", "content");
  const os::Fd file = os::open_file(temporary.path("a"), O_RDONLY);
  const os::Fd directory = os::open_file(temporary.path(), O_RDONLY | O_DIRECTORY);
  if (!os::write_attribute(file.get(), "user.footbridge.test", "4711")) {
    MESSAGE("SKIP: the file system of temporary files keeps no attributes");
    return;
  }
  CHECK(os::read_attribute(file.get(), "user.footbridge.test") == "4711");
  CHECK(os::read_attribute(directory.get(), "user.footbridge.test") == "");
  CHECK(os::write_attribute(directory.get(), "user.footbridge.test", "12"));
  CHECK(os::read_attribute(directory.get(), "user.footbridge.test") == "12");
  CHECK(os::write_attribute(file.get(), "user.footbridge.test", std::string(300, 'x')));
  CHECK(os::read_attribute(file.get(), "user.footbridge.test") == "");
  CHECK(temporary.files() == std::map<std::string, std::string>{{"a", "content"}});
}

TEST_CASE("without attributes, writing one returns false and there is none to read") {
  const os::Fd proc = os::open_file("/proc/self/status", O_RDONLY);
  CHECK_FALSE(os::write_attribute(proc.get(), "user.footbridge.test", "1"));
  CHECK_FALSE(os::read_attribute(proc.get(), "user.footbridge.test"));
}

TEST_CASE("a created file has its attributes when it gets its name") {
  const TemporaryDirectory temporary;
  const os::Fd directory = os::open_file(temporary.path(), O_RDONLY | O_DIRECTORY);
  bool had_a_name = true;
  CHECK(os::create_file_at(directory.get(), "a", "content", 0600, [&](int fd) {
    had_a_name = temporary.has("a");
    ::fsetxattr(fd, "user.footbridge.test", "1", 1, 0);
  }));
  CHECK_FALSE(had_a_name);
  CHECK(temporary.read("a") == "content");
}

TEST_CASE("only a known local file system counts as local") {
  const os::Fd shm = os::open_file("/dev/shm", O_RDONLY | O_DIRECTORY);
  CHECK(os::is_local(shm.get()));
  const os::Fd proc = os::open_file("/proc", O_RDONLY | O_DIRECTORY);
  CHECK_FALSE(os::is_local(proc.get()));
  CHECK_FALSE(os::is_local(-1));
}

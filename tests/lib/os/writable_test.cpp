// SPDX-License-Identifier: Apache-2.0
#include "lib/os/writable.h"

#include <unistd.h>

#include <filesystem>
#include <system_error>

#include <doctest/doctest.h>

#include "tests/lib/os/temporary_directory.h"

namespace {

std::string refusal(const std::string& directory) {
  try {
    os::require_writable(directory);
  } catch (const std::system_error& error) {
    return error.what();
  }
  return "";
}

// Drops root's file permissions while this lives. No effect if the test does not run as root.
class Unprivileged {
 public:
  Unprivileged() : before_(::geteuid()) {
    if (before_ == 0) REQUIRE(::seteuid(65534) == 0);
  }
  Unprivileged(const Unprivileged&) = delete;
  Unprivileged& operator=(const Unprivileged&) = delete;
  ~Unprivileged() {
    if (before_ == 0) CHECK(::seteuid(0) == 0);
  }

 private:
  uid_t before_;
};

}  // namespace

TEST_CASE("checking a writable directory leaves nothing in it") {
  const TemporaryDirectory temporary;
  CHECK(refusal(temporary.path()).empty());
  CHECK(temporary.files().empty());
}

TEST_CASE("an absent directory is accepted if its nearest parent is writable") {
  const TemporaryDirectory temporary;
  CHECK(refusal(temporary.path("a/b//c/")).empty());
  CHECK(temporary.files().empty());
}

TEST_CASE("a file in the place of the directory or a parent is reported") {
  const TemporaryDirectory temporary;
  temporary.write("a", "a file");
  CHECK(refusal(temporary.path("a")) == "open " + temporary.path("a") + ": Not a directory");
  CHECK(refusal(temporary.path("a/b")) == "open " + temporary.path("a/b") + ": Not a directory");
}

TEST_CASE("a directory that is not writable is reported with the kernel's reason") {
  const TemporaryDirectory temporary;
  std::filesystem::permissions(temporary.path(), std::filesystem::perms(0555));
  const Unprivileged unprivileged;
  CHECK(refusal(temporary.path()) == "write to " + temporary.path() + ": Permission denied");
  CHECK(refusal(temporary.path("a")) == "make directories in " + temporary.path() + ": Permission denied");
}

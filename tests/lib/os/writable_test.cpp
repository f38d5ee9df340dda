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

// Without root's rights over files while this lives; nothing changes for a test that is not run by root.
class Nobody {
 public:
  Nobody() : before_(::geteuid()) {
    if (before_ == 0) REQUIRE(::seteuid(65534) == 0);
  }
  Nobody(const Nobody&) = delete;
  Nobody& operator=(const Nobody&) = delete;
  ~Nobody() {
    if (before_ == 0) CHECK(::seteuid(0) == 0);
  }

 private:
  uid_t before_;
};

}  // namespace

TEST_CASE("a directory that can be written to is asked without leaving anything in it") {
  const TemporaryDirectory temporary;
  CHECK(refusal(temporary.path()).empty());
  CHECK(temporary.files().empty());
}

TEST_CASE("an absent directory can be made where the nearest one above it can be written to") {
  const TemporaryDirectory temporary;
  CHECK(refusal(temporary.path("a/b//c/")).empty());
  CHECK(temporary.files().empty());
}

TEST_CASE("a file in place of the directory, or of one above it, is named") {
  const TemporaryDirectory temporary;
  temporary.write("a", "a file");
  CHECK(refusal(temporary.path("a")) == "open " + temporary.path("a") + ": Not a directory");
  CHECK(refusal(temporary.path("a/b")) == "open " + temporary.path("a/b") + ": Not a directory");
}

TEST_CASE("a directory that takes no files is named with the kernel's reason") {
  const TemporaryDirectory temporary;
  std::filesystem::permissions(temporary.path(), std::filesystem::perms(0555));
  const Nobody nobody;
  CHECK(refusal(temporary.path()) == "write to " + temporary.path() + ": Permission denied");
  CHECK(refusal(temporary.path("a")) == "make directories in " + temporary.path() + ": Permission denied");
}

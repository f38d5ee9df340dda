// SPDX-License-Identifier: Apache-2.0
#include "lib/os/trusted_directory.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <string>
#include <system_error>

#include <doctest/doctest.h>

#include "tests/lib/os/temporary_directory.h"

namespace fs = std::filesystem;

namespace {

constexpr uid_t kSomebody = 65534;

template <typename Function>
std::string error_of(const Function& function) {
  try {
    function();
    return "";
  } catch (const std::system_error& error) {
    return error.what();
  }
}

// A tree "cni/networks/n" with variable modes. The functions return "" if the path is trusted, otherwise the error.
struct Tree {
  TemporaryDirectory top;
  Umask umask{022};

  Tree() { fs::create_directories(top.path("cni/networks/n")); }

  [[nodiscard]] std::string open(const std::string& path) const {
    const std::string why = error_of([&] { os::open_trusted_directory(top.path(path)); });
    // All three agree about an existing directory.
    CHECK(error_of([&] { os::make_trusted_directory(top.path(path), 0755); }) == why);
    CHECK(error_of([&] { os::require_trusted_directory(top.path(path)); }) == why);
    return why;
  }
  [[nodiscard]] std::string make(const std::string& path) const {
    const std::string why = error_of([&] { os::require_trusted_directory(top.path(path)); });
    CHECK(error_of([&] { os::make_trusted_directory(top.path(path), 0755); }) == why);
    return why;
  }
  void mode(const std::string& path, mode_t mode) const { REQUIRE(::chmod(top.path(path).c_str(), mode) == 0); }
  void give(const std::string& path, uid_t user, gid_t group = 0) const {
    REQUIRE(::lchown(top.path(path).c_str(), user, group) == 0);
  }
  void link(const std::string& target, const std::string& path) const { fs::create_symlink(target, top.path(path)); }
};

bool is_root() {
  if (::geteuid() == 0) return true;
  MESSAGE("SKIP: needs root to give directories away");
  return false;
}

}  // namespace

TEST_CASE("a directory of ours that others cannot write to is opened, and missing parts are created") {
  const Tree tree;
  CHECK(tree.open("cni/networks/n").empty());
  CHECK(tree.open("cni/../cni/./networks//n/").empty());
  CHECK(tree.make("a/b/c").empty());
  CHECK(tree.top.mode("a/b/c") == "0755");
  CHECK(tree.open("a/b/c").empty());
}

TEST_CASE("an absent directory is ENOENT, another kind of file is another error") {
  const Tree tree;
  const auto failure = [&](const std::string& path) {
    return error_of([&] { os::open_trusted_directory(tree.top.path(path)); });
  };
  CHECK(failure("cni/none") == "open " + tree.top.path("cni/none") + ": No such file or directory");
  tree.top.write("cni/file", "");
  CHECK(failure("cni/file") == "open " + tree.top.path("cni/file") + ": Not a directory");
  CHECK(tree.make("cni/file/n") == "open " + tree.top.path("cni/file/n") + ": Not a directory");
  REQUIRE(::mkfifo(tree.top.path("cni/fifo").c_str(), 0600) == 0);
  CHECK(failure("cni/fifo") == "open " + tree.top.path("cni/fifo") + ": Not a directory");
}

TEST_CASE("a directory that others can write to is rejected, whatever its parents are") {
  if (!is_root()) return;
  const Tree tree;
  const std::string path = tree.top.path("cni/networks/n");
  tree.mode("cni/networks/n", 0777);
  CHECK(tree.open("cni/networks/n") == "directory " + path +
                                           " (user 0, group 0, mode 0777) is writable by others; chmod o-w "
                                           "corrects it: Operation not permitted");
  tree.mode("cni/networks/n", 01777);  // others could not delete our files, but add some
  CHECK(tree.open("cni/networks/n").find("mode 1777) is writable by others") != std::string::npos);
  tree.mode("cni/networks/n", 0775);
  CHECK(tree.open("cni/networks/n").empty());  // group root
  tree.give("cni/networks/n", 0, kSomebody);
  CHECK(tree.open("cni/networks/n").empty());  // writable by its group, as below /var/local
  tree.mode("cni/networks/n", 0750);
  CHECK(tree.open("cni/networks/n").empty());
}

TEST_CASE("a parent may be writable by all only with the sticky bit") {
  const Tree tree;
  tree.mode("cni/networks", 0777);
  CHECK(tree.open("cni/networks/n").starts_with("directory " + tree.top.path("cni/networks/n/..") + " (user "));
  CHECK(tree.make("cni/networks/new").find("/cni/networks (user ") != std::string::npos);
  CHECK_FALSE(tree.top.has("cni/networks/new"));
  tree.mode("cni/networks", 01777);
  CHECK(tree.open("cni/networks/n").empty());
  CHECK(tree.make("cni/networks/new").empty());
}

TEST_CASE("a directory of another user is rejected, and so are its subdirectories") {
  if (!is_root()) return;
  const Tree tree;
  tree.give("cni/networks/n", kSomebody);
  CHECK(tree.open("cni/networks/n") ==
        "directory " + tree.top.path("cni/networks/n") +
            " (user 65534, group 0, mode 0755) must belong to root: Operation not permitted");
  tree.give("cni/networks/n", 0);
  tree.give("cni/networks", kSomebody);
  CHECK(tree.open("cni/networks/n").find("/cni/networks/n/.. (user 65534, ") != std::string::npos);
  CHECK(tree.make("cni/networks/new").find("/cni/networks (user 65534, ") != std::string::npos);
  CHECK_FALSE(tree.top.has("cni/networks/new"));
}

TEST_CASE("links of an administrator are followed: to another disk, to a link, and with dots") {
  const Tree tree;
  tree.link("cni", "by_name");
  tree.link(tree.top.path("by_name"), "by_path");
  tree.link("../networks/./n", "cni/networks/m");
  CHECK(tree.open("by_path/networks/n").empty());
  CHECK(tree.open("by_path/networks/m").empty());
  CHECK(tree.make("by_path/networks/new").empty());
  CHECK(tree.top.has("cni/networks/new"));
}

TEST_CASE("a link of another user, or in a directory that others can write to, is not followed") {
  if (!is_root()) return;
  const Tree tree;
  fs::create_directory(tree.top.path("shared"));
  tree.link("../cni", "shared/link");
  tree.mode("shared", 01777);
  CHECK(tree.open("shared/link/networks/n")
            .starts_with("symbolic link " + tree.top.path("shared/link") + " of user 0 is not followed: "));
  CHECK(tree.make("shared/link/networks/new").find(" is not followed: ") != std::string::npos);
  tree.mode("shared", 0755);
  CHECK(tree.open("shared/link/networks/n").empty());
  tree.give("shared/link", kSomebody);
  CHECK(tree.open("shared/link/networks/n").find(" of user 65534 is not followed: ") != std::string::npos);
  tree.give("shared/link", 0);
  tree.give("shared", kSomebody);
  CHECK(tree.open("shared/link/networks/n").find(" is not followed: ") != std::string::npos);
  CHECK_FALSE(tree.top.has("cni/networks/new"));
}

TEST_CASE("a link's missing target is not created, and a loop of links is an error") {
  const Tree tree;
  tree.link("not/there", "dangling");
  const std::string absent =
      "open " + tree.top.path("dangling/n") + ": dangling symbolic link in path: Stale file handle";
  CHECK(error_of([&] { os::open_trusted_directory(tree.top.path("dangling/n")); }) == absent);
  CHECK(tree.make("dangling/n") == absent);
  CHECK_FALSE(tree.top.has("not"));
  tree.link("circle", "circle");
  CHECK(tree.open("circle/n").ends_with("circle/n: Too many levels of symbolic links"));
}

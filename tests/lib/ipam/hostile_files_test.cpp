// SPDX-License-Identifier: Apache-2.0
// Other kinds of files in the place of a store's files and directories.
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>

#include <doctest/doctest.h>

#include "lib/ipam/store.h"
#include "lib/os/fd.h"
#include "tests/lib/ipam/holders.h"
#include "tests/lib/ipam/memory_folder.h"
#include "tests/lib/ipam/sets.h"
#include "tests/lib/os/temporary_directory.h"

namespace fs = std::filesystem;
using ipam::Holder;
using ipam::Store;
using Kind = ipam::Entry::Kind;

namespace {

constexpr const char* kNoPlace = "/dev/null/none";  // a folder where no index is possible

using Make = std::function<void(const std::string& path)>;

// Each creates a file of another kind at `path`. The text is that of the error.
std::map<std::string, Make> special_files(const std::string& target) {
  std::map<std::string, Make> all{
      {"a fifo", [](const std::string& path) { REQUIRE(::mkfifo(path.c_str(), 0600) == 0); }},
      {"a directory", [](const std::string& path) { fs::create_directory(path); }},
      {"a socket",
       [](const std::string& path) {
         sockaddr_un address{};
         address.sun_family = AF_UNIX;
         path.copy(address.sun_path, sizeof address.sun_path - 1);
         const os::Fd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
         REQUIRE(::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
       }},
      {"a symbolic link", [target](const std::string& path) { fs::create_symlink(target, path); }},
  };
  if (::geteuid() != 0) return all;
  all["a device"] = [](const std::string& path) {
    REQUIRE(::mknod(path.c_str(), S_IFCHR | 0600, makedev(1, 5)) == 0);  // /dev/zero
  };
  return all;
}

// Creates each of them in turn at `path`, whatever exists there.
void for_each_special_file(const TemporaryDirectory& temporary, const std::string& path,
                           const std::function<void(const std::string& what)>& check) {
  for (const auto& special : special_files(temporary.path("target"))) {
    const std::string& what = special.first;
    CAPTURE(what);
    fs::remove(path);
    special.second(path);
    check(what);
  }
}

// "open lock, a fifo: Invalid argument"
std::string refusal_of(const std::string& name, const std::string& what) {
  if (what == "a symbolic link") return "open " + name + ": Too many levels of symbolic links";
  return "open " + name + ", " + what + ": Invalid argument";
}

}  // namespace

TEST_CASE("only a regular file is used as the lock, and no other file is created through it") {
  const TemporaryDirectory temporary;
  { Store::create(temporary.path(), "n"); }
  for_each_special_file(temporary, temporary.path("n/lock"), [&](const std::string& what) {
    CHECK(error_of([&] { Store::create(temporary.path(), "n"); }) == refusal_of("lock", what));
    CHECK(error_of([&] { Store::open(temporary.path(), "n"); }) == refusal_of("lock", what));
  });
  CHECK_FALSE(temporary.has("target"));
}

TEST_CASE("only a regular file is used as the hint: others are neither read nor written") {
  const TemporaryDirectory temporary;
  temporary.write("target", "10.1.0.9");
  Store store = Store::create(temporary.path(), "n");
  for_each_special_file(temporary, temporary.path("n/last_reserved_ip.0"), [&](const std::string& what) {
    CHECK_FALSE(store.last_reserved(0));
    CHECK(error_of([&] { store.set_last_reserved(0, address("10.1.0.2")); }) == refusal_of("last_reserved_ip.0", what));
  });
  CHECK(temporary.read("target") == "10.1.0.9");
}

TEST_CASE("a hint with a second hard link, from a backup, leaves the other file as it is") {
  const TemporaryDirectory temporary;
  Store store = Store::create(temporary.path(), "n");
  temporary.write("backup", "10.1.0.9");
  fs::create_hard_link(temporary.path("backup"), temporary.path("n/last_reserved_ip.0"));
  CHECK(store.last_reserved(0)->text() == "10.1.0.9");
  store.set_last_reserved(0, address("10.1.0.10"));
  CHECK(temporary.read("backup") == "10.1.0.9");
  CHECK(temporary.read("n/last_reserved_ip.0") == "10.1.0.10");
  store.set_last_reserved(0, address("10.1.0.11"));
  CHECK(temporary.read("n/last_reserved_ip.0") == "10.1.0.11");
}

TEST_CASE("a file that is not regular and named after an address is foreign, and stays when all are released") {
  const TemporaryDirectory temporary;
  const MemoryFolder run;
  for (const char* const index : {"with an index", "without one"}) {
    CAPTURE(index);
    const bool has_index = std::string(index) == "with an index";
    Store store = Store::create(temporary.path(), "n", has_index ? run.path() : std::string(kNoPlace));
    for_each_special_file(temporary, temporary.path("n/10.1.0.2"), [&](const std::string&) {
      CHECK(store.entries().front().kind == Kind::foreign);
      CHECK_FALSE(store.reserve(address("10.1.0.2"), kRed));
      CHECK(store.reserve(address("10.1.0.3"), kRed));
      CHECK(store.release_all(kRed).size() == 1);
      CHECK(store.release_all(kRed).empty());
      CHECK(temporary.has("n/10.1.0.2"));
    });
    fs::remove(temporary.path("n/10.1.0.2"));
  }
  CHECK_FALSE(temporary.has("target"));
}

TEST_CASE("an index of another kind, or in a folder that others can write to, is ignored") {
  const TemporaryDirectory temporary;
  const MemoryFolder run;
  const auto try_all = [&] {
    Store store = Store::create(temporary.path(), "n", run.path());
    CHECK(store.reserve(address("10.1.0.2"), kRed));
    CHECK(store.release_all(kRed).size() == 1);
  };
  try_all();
  std::string index;
  for (const auto& entry : fs::directory_iterator(run.path())) index = entry.path();
  for_each_special_file(temporary, index, [&](const std::string&) { try_all(); });
  fs::remove(index);
  std::ofstream(run.path() + "/other") << "precious";
  fs::create_hard_link(run.path() + "/other", index);
  try_all();
  CHECK(fs::file_size(run.path() + "/other") == 8);
  fs::remove(index);
  REQUIRE(::chmod(run.path().c_str(), 0777) == 0);
  try_all();
  CHECK_FALSE(fs::exists(index));
}

TEST_CASE("a store that others can write to is neither read nor changed") {
  const TemporaryDirectory temporary;
  { CHECK(Store::create(temporary.path(), "n").reserve(address("10.1.0.2"), kRed)); }
  REQUIRE(::chmod(temporary.path("n").c_str(), 0777) == 0);
  for (const auto& attempt : std::vector<std::function<void()>>{
           [&] { Store::create(temporary.path(), "n"); }, [&] { Store::open(temporary.path(), "n"); },
           [&] { ipam::StoreView::open(temporary.path(), "n"); },
           [&] { Store::require_writable(temporary.path(), "n"); }}) {
    CHECK(error_of(attempt).starts_with("directory " + temporary.path("n") + " (user "));
  }
}

TEST_CASE("a network's directory that became another kind of file is an error, not an absent store") {
  const TemporaryDirectory temporary;
  temporary.write("n", "");
  CHECK(error_of([&] { Store::open(temporary.path(), "n"); }) == "open " + temporary.path("n") + ": Not a directory");
}

// ---- files that cannot be read ----

namespace {

// A store of a user other than root, with files whose modes prevent reading.
class Unprivileged {
 public:
  Unprivileged() {
    if (before_ != 0) return;
    constexpr uid_t kNobody = 65534;
    for (const std::string& path : {temporary.path(), run.path()})
      REQUIRE(::chown(path.c_str(), kNobody, static_cast<gid_t>(-1)) == 0);
    REQUIRE(::seteuid(kNobody) == 0);
    REQUIRE(::prctl(PR_SET_DUMPABLE, 1) == 0);  // otherwise /proc/self belongs to root
  }
  Unprivileged(const Unprivileged&) = delete;
  Unprivileged& operator=(const Unprivileged&) = delete;
  ~Unprivileged() { CHECK(::seteuid(before_) == 0); }

  [[nodiscard]] Store open(bool has_index) const {
    return Store::create(temporary.path(), "n", has_index ? run.path() : std::string(kNoPlace));
  }
  void hide(const std::string& address) const { REQUIRE(::chmod(temporary.path("n/" + address).c_str(), 0) == 0); }
  void show(const std::string& address) const { REQUIRE(::chmod(temporary.path("n/" + address).c_str(), 0600) == 0); }

  const TemporaryDirectory temporary;
  const MemoryFolder run;

 private:
  uid_t before_ = ::geteuid();
};

}  // namespace

TEST_CASE("an unreadable file stays; if the index knows that it belongs to the owner, DEL reports it") {
  for (const bool has_index : {true, false}) {
    CAPTURE(has_index);
    const Unprivileged user;
    { CHECK(user.open(has_index).reserve(address("10.1.0.2"), kRed)); }
    user.hide("10.1.0.2");
    CHECK(error_of([&] { CHECK(user.open(has_index).release_all(kRed).empty()); }) ==
          (has_index ? "read 10.1.0.2, which may belong to red/eth0: Permission denied" : ""));
    CHECK(user.open(has_index).held_by(kRed).empty());
    CHECK_FALSE(user.open(has_index).reserve(address("10.1.0.2"), kBlue));
    user.show("10.1.0.2");
    CHECK(user.open(has_index).release_all(kRed).size() == 1);
    CHECK_FALSE(user.temporary.has("n/10.1.0.2"));
  }
}

TEST_CASE("an unreadable file does not prevent other owners from releasing their addresses") {
  for (const bool has_index : {true, false}) {
    CAPTURE(has_index);
    const Unprivileged user;
    {
      Store store = user.open(has_index);
      CHECK(store.reserve(address("10.1.0.2"), kRed));
      CHECK(store.reserve(address("10.1.0.3"), kBlue));
    }
    user.hide("10.1.0.2");
    CHECK(user.open(has_index).release_all(kBlue).size() == 1);
    CHECK(user.temporary.has("n/10.1.0.2"));
  }
}

TEST_CASE("the readable address of an owner is released, and the index knows that the unreadable one belongs to it") {
  const Unprivileged user;
  {
    Store store = user.open(true);
    CHECK(store.reserve(address("10.1.0.2"), kRed));
    CHECK(store.reserve(address("fd00::2"), kRed));
  }
  user.hide("fd00::2");
  CHECK(error_of([&] { user.open(true).release_all(kRed); }) ==
        "read fd00::2, which may belong to red/eth0: Permission denied");
  CHECK_FALSE(user.temporary.has("n/10.1.0.2"));
  CHECK(user.temporary.has("n/fd00::2"));
}

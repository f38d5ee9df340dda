// SPDX-License-Identifier: Apache-2.0
#include "lib/ipam/store.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include <doctest/doctest.h>

#include "tests/lib/ipam/holders.h"
#include "tests/lib/ipam/sets.h"
#include "tests/lib/os/temporary_directory.h"

using ipam::Holder;
using ipam::Store;
using Kind = ipam::Entry::Kind;

namespace {

using Files = std::map<std::string, std::string>;

std::string texts(const std::vector<net::Address>& addresses) {
  std::string text;
  for (const net::Address& one : addresses) text += (text.empty() ? "" : " ") + one.text();
  return text;
}

}  // namespace

TEST_CASE("the files of a store have the names, bytes and modes of the reference") {
  const TemporaryDirectory temporary;
  const Umask umask(022);
  {
    Store store = Store::create(temporary.path("cni/networks"), "n");
    CHECK(store.reserve(address("10.1.0.2"), {"c1", "eth0"}));
    CHECK(store.reserve(address("fd00:0:0:1::A"), {"c1", "eth0"}));
    store.set_last_reserved(0, address("10.1.0.2"));
    store.set_last_reserved(1, address("fd00:0:0:1::A"));
  }
  CHECK(temporary.files("cni/networks/n") == Files{{"10.1.0.2", "c1\r\neth0"},
                                                   {"fd00:0:0:1::a", "c1\r\neth0"},
                                                   {"last_reserved_ip.0", "10.1.0.2"},
                                                   {"last_reserved_ip.1", "fd00:0:0:1::a"},
                                                   {"lock", ""}});
  CHECK(temporary.mode("cni") == "0755");
  CHECK(temporary.mode("cni/networks/n") == "0755");
  CHECK(temporary.mode("cni/networks/n/lock") == "0750");
  CHECK(temporary.mode("cni/networks/n/10.1.0.2") == "0600");
  CHECK(temporary.mode("cni/networks/n/last_reserved_ip.0") == "0600");
}

TEST_CASE("opening an absent store does not create it") {
  const TemporaryDirectory temporary;
  CHECK_FALSE(Store::open(temporary.path("networks"), "n"));
  CHECK(temporary.files().empty());
}

TEST_CASE("an address is allocated once, until it is released") {
  const TemporaryDirectory temporary;
  Store store = Store::create(temporary.path(), "n");
  CHECK(store.reserve(address("10.1.0.2"), kRed));
  CHECK_FALSE(store.reserve(address("10.1.0.2"), kBlue));
  CHECK(temporary.read("n/10.1.0.2") == "red\r\neth0");
  store.release(address("10.1.0.2"));
  store.release(address("10.1.0.2"));
  CHECK(store.reserve(address("10.1.0.2"), kBlue));
  CHECK(temporary.read("n/10.1.0.2") == "blue\r\neth0");
}

TEST_CASE("an empty file, left by a power failure, is a free address") {
  const TemporaryDirectory temporary;
  Store store = Store::create(temporary.path(), "n");
  temporary.write("n/10.1.0.2", "");
  CHECK(store.entries().front().kind == Kind::empty);
  CHECK(store.reserve(address("10.1.0.2"), kRed));
  CHECK(temporary.read("n/10.1.0.2") == "red\r\neth0");
}

TEST_CASE("all addresses of an owner are released, and no others") {
  const TemporaryDirectory temporary;
  Store store = Store::create(temporary.path(), "n");
  for (const char* mine : {"10.1.0.2", "10.1.0.3", "fd00::2"}) REQUIRE(store.reserve(address(mine), kRed));
  REQUIRE(store.reserve(address("10.1.0.4"), kBlue));
  REQUIRE(store.reserve(address("10.1.0.5"), {"red", "eth1"}));
  REQUIRE(store.reserve(address("10.1.0.6"), {"re", "eth0"}));
  store.set_last_reserved(0, address("10.1.0.6"));
  CHECK(texts(store.held_by(kRed)) == "10.1.0.2 10.1.0.3 fd00::2");
  store.release_all(kRed);
  store.release_all(kRed);
  CHECK(temporary.files("n") == Files{{"10.1.0.4", "blue\r\neth0"},
                                      {"10.1.0.5", "red\r\neth1"},
                                      {"10.1.0.6", "re\r\neth0"},
                                      {"last_reserved_ip.0", "10.1.0.6"},
                                      {"lock", ""}});
}

TEST_CASE("a file of the old format belongs to its container, with any interface") {
  const TemporaryDirectory temporary;
  Store store = Store::create(temporary.path(), "n");
  temporary.write("n/10.1.0.2", "red");
  temporary.write("n/10.1.0.3", "blue");
  CHECK(texts(store.held_by(kRed)) == "10.1.0.2");
  store.release_all(kRed);
  CHECK_FALSE(temporary.has("n/10.1.0.2"));
  CHECK(temporary.has("n/10.1.0.3"));
}

TEST_CASE("a file of the old format is released only if there is none of the new format") {
  const TemporaryDirectory temporary;
  Store store = Store::create(temporary.path(), "n");
  temporary.write("n/10.1.0.2", "red");
  REQUIRE(store.reserve(address("10.1.0.3"), kRed));
  store.release_all(kRed);
  CHECK(temporary.has("n/10.1.0.2"));
  CHECK_FALSE(temporary.has("n/10.1.0.3"));
  store.release_all(kRed);
  CHECK_FALSE(temporary.has("n/10.1.0.2"));
}

TEST_CASE("white space around the content, from an editor, is ignored") {
  const TemporaryDirectory temporary;
  Store store = Store::create(temporary.path(), "n");
  temporary.write("n/10.1.0.2", "red\r\neth0\n");
  temporary.write("n/10.1.0.3", " red\n");
  CHECK(texts(store.held_by(kRed)) == "10.1.0.2 10.1.0.3");
}

TEST_CASE("a file that is not named after an address is no allocation") {
  const TemporaryDirectory temporary;
  Store store = Store::create(temporary.path(), "n");
  const Files others{{".10.1.0.2.4711", "red\r\neth0"},
                     {"010.1.0.2", "red\r\neth0"},
                     {"10.1.0.2~", "red\r\neth0"},
                     {"FD00::2", "red\r\neth0"},
                     {"lock", ""},
                     {"last_reserved_ip.0", "red\r\neth0"}};
  for (const auto& [name, content] : others) temporary.write("n/" + name, content);
  CHECK(store.held_by(kRed).empty());
  CHECK(store.entries().empty());
  CHECK(store.names().empty());
  store.release_all(kRed);
  CHECK(temporary.files("n") == others);
}

TEST_CASE("a symbolic link in the place of an address is neither read, written nor deleted") {
  const TemporaryDirectory temporary;
  Store store = Store::create(temporary.path(), "n");
  temporary.write("secret", "red\r\neth0");
  std::filesystem::create_symlink(temporary.path("secret"), temporary.path("n/10.1.0.2"));
  std::filesystem::create_symlink(temporary.path("nothing"), temporary.path("n/10.1.0.3"));
  CHECK_FALSE(store.reserve(address("10.1.0.2"), kBlue));
  CHECK_FALSE(store.reserve(address("10.1.0.3"), kBlue));
  CHECK(store.held_by(kRed).empty());
  store.release_all(kRed);
  CHECK(temporary.has("n/10.1.0.2"));
  CHECK(temporary.read("secret") == "red\r\neth0");
  CHECK_FALSE(temporary.has("nothing"));
}

TEST_CASE("a symbolic link in the place of the hint or of the lock is rejected") {
  const TemporaryDirectory temporary;
  temporary.write("secret", "10.1.0.9");
  {
    Store store = Store::create(temporary.path(), "n");
    std::filesystem::create_symlink(temporary.path("secret"), temporary.path("n/last_reserved_ip.0"));
    CHECK_FALSE(store.last_reserved(0));
    CHECK(error_of([&] { store.set_last_reserved(0, address("10.1.0.2")); }) ==
          "open last_reserved_ip.0: Too many levels of symbolic links");
  }
  CHECK(temporary.read("secret") == "10.1.0.9");
  std::filesystem::remove(temporary.path("n/lock"));
  std::filesystem::create_symlink(temporary.path("secret"), temporary.path("n/lock"));
  CHECK(error_of([&] { Store::create(temporary.path(), "n"); }) == "open lock: Too many levels of symbolic links");
}

TEST_CASE("directories, pipes and huge files named after an address are not free and have no known owner") {
  const TemporaryDirectory temporary;
  Store store = Store::create(temporary.path(), "n");
  std::filesystem::create_directory(temporary.path("n/10.1.0.2"));
  REQUIRE(::mkfifo(temporary.path("n/10.1.0.3").c_str(), 0600) == 0);
  temporary.write("n/10.1.0.4", std::string(100000, 'x'));
  CHECK(store.held_by(kRed).empty());
  CHECK(store.entries().size() == 3);
  for (const ipam::Entry& one : store.entries()) {
    CHECK(one.kind == Kind::foreign);
    CHECK(one.holder == Holder{});
  }
  for (const char* theirs : {"10.1.0.2", "10.1.0.3", "10.1.0.4"}) CHECK_FALSE(store.reserve(address(theirs), kRed));
  store.release_all(kRed);
}

TEST_CASE("the hint is read back, overwritten by a shorter one, and ignored if it is not an address") {
  const TemporaryDirectory temporary;
  Store store = Store::create(temporary.path(), "n");
  CHECK_FALSE(store.last_reserved(0));
  store.set_last_reserved(0, address("192.168.100.200"));
  CHECK(store.last_reserved(0)->text() == "192.168.100.200");
  store.set_last_reserved(0, address("10.1.0.2"));
  CHECK(temporary.read("n/last_reserved_ip.0") == "10.1.0.2");
  CHECK_FALSE(store.last_reserved(1));
  temporary.write("n/last_reserved_ip.0", "10.1.0");
  CHECK_FALSE(store.last_reserved(0));
}

TEST_CASE("entries are sorted and have owner and age") {
  const TemporaryDirectory temporary;
  Store store = Store::create(temporary.path(), "n");
  temporary.write("n/10.1.0.3", "old");
  temporary.write("n/10.1.0.4", "an operator's note");
  temporary.write("n/10.1.0.5", " \n");
  REQUIRE(store.reserve(address("10.1.0.2"), kRed));
  const std::time_t now = std::time(nullptr);
  const std::vector<ipam::Entry> entries = store.entries();
  REQUIRE(entries.size() == 4);
  CHECK(entries[0].holder == kRed);
  CHECK(entries[0].holder.text() == "red/eth0");
  CHECK(std::abs(now - entries[0].since) <= 5);
  CHECK(entries[1].holder.text() == "old");
  CHECK(entries[2].kind == Kind::foreign);
  CHECK(entries[2].holder.text() == "unknown owner");
  CHECK(entries[3].kind == Kind::foreign);
}

TEST_CASE("an address is released if it is unchanged, not if it has another owner by now") {
  const TemporaryDirectory temporary;
  Store store = Store::create(temporary.path(), "n");
  REQUIRE(store.reserve(address("10.1.0.2"), kRed));
  const ipam::Entry seen = store.entries().front();
  store.release(address("10.1.0.2"));
  CHECK_FALSE(store.release_unchanged(seen));
  REQUIRE(store.reserve(address("10.1.0.2"), kBlue));
  CHECK_FALSE(store.release_unchanged(seen));
  CHECK(store.release_unchanged(store.entries().front()));
  CHECK_FALSE(temporary.has("n/10.1.0.2"));
}

TEST_CASE("the arguments for footbridge ipam contain the folder if it is not the default") {
  const TemporaryDirectory temporary;
  CHECK(Store::create(temporary.path(), "n").options() == "n --dir " + temporary.path());
}

TEST_CASE("an entry without a living attachment is abandoned") {
  const net::Attachments alive("n", {{"n", "red", "eth0"}});
  const auto abandoned = [&alive](const std::string& content, Kind kind = Kind::allocation) {
    ipam::Entry entry;
    entry.kind = kind;
    entry.holder = {content.substr(0, content.find('/')),
                    content.find('/') == std::string::npos ? "" : content.substr(content.find('/') + 1)};
    return ipam::is_abandoned(entry, alive);
  };
  CHECK_FALSE(abandoned("red/eth0"));
  CHECK(abandoned("red/eth1"));
  CHECK(abandoned("blue/eth0"));
  CHECK_FALSE(abandoned("red"));
  CHECK(abandoned("blue"));
  CHECK(abandoned("", Kind::empty));
  CHECK_FALSE(abandoned("", Kind::foreign));
}

TEST_CASE("the store excludes every program that locks the file \"lock\"") {
  const TemporaryDirectory temporary;
  const std::string lock = temporary.path("n/lock");
  const auto is_locked = [&lock] {
    const int fd = ::open(lock.c_str(), O_RDONLY | O_CLOEXEC);
    const bool failed = ::flock(fd, LOCK_EX | LOCK_NB) != 0;
    ::close(fd);
    return failed;
  };
  {
    const Store store = Store::create(temporary.path(), "n");
    CHECK(is_locked());
  }
  CHECK_FALSE(is_locked());
  const auto store = Store::open(temporary.path(), "n");
  CHECK(is_locked());
}

TEST_CASE("a data directory may end with a slash") {
  CHECK(Store::directory("/var/lib/cni/networks/", "n") == "/var/lib/cni/networks/n");
  CHECK(Store::directory("/var/lib/cni/networks", "n") == "/var/lib/cni/networks/n");
}

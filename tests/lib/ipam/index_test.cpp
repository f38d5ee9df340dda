// SPDX-License-Identifier: Apache-2.0
#include "lib/ipam/index.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <thread>

#include <doctest/doctest.h>

#include "lib/ipam/allocator.h"
#include "lib/ipam/store.h"
#include "tests/lib/ipam/holders.h"
#include "tests/lib/ipam/memory_folder.h"
#include "tests/lib/ipam/sets.h"
#include "tests/lib/os/temporary_directory.h"

namespace fs = std::filesystem;
using ipam::Holder;
using ipam::Store;

namespace {

struct Host {
  TemporaryDirectory directory;
  MemoryFolder run;

  [[nodiscard]] Store open() const { return Store::create(directory.path(), "n", run.path()); }

  // The only index.
  [[nodiscard]] std::string index() const {
    for (const auto& entry : fs::directory_iterator(run.path())) return entry.path();
    return "";
  }

  // Is it current?
  [[nodiscard]] bool is_current() const {
    const int fd = ::open(directory.path("n").c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const os::Fd owned(fd);
    const auto index = ipam::Index::open(run.path(), fd);
    return index && index->is_current();
  }

  [[nodiscard]] struct stat status() const {
    struct stat status {};
    REQUIRE(::stat(directory.path("n").c_str(), &status) == 0);
    return status;
  }
};

// ADD from this set: the address or the error.
std::string add(Store& store, const ipam::RangeSet& set, const Holder& holder) {
  try {
    return ipam::allocate(store, std::vector{set}, {}, holder).front().address.address.text();
  } catch (const std::runtime_error& error) {
    return error.what();
  }
}

// Does a thread of ours wait for a lock (proc_locks(5))?
bool is_waiting_for_lock() {
  std::ifstream locks("/proc/locks");
  const std::string own = " " + std::to_string(::getpid()) + " ";
  for (std::string line; std::getline(locks, line);) {
    if (line.find("-> FLOCK") != std::string::npos && line.find(own) != std::string::npos) return true;
  }
  return false;
}

const ipam::RangeSet& three() {
  static const ipam::RangeSet set = range_set({{"10.1.0.0/24", "10.1.0.2", "10.1.0.4"}});
  return set;
}

}  // namespace

TEST_CASE("the index is a file that only root can access, named after the directory and outside of it") {
  const Host host;
  const Umask umask(0);
  { CHECK(host.open().reserve(address("10.1.0.2"), kRed)); }
  std::array<char, 64> name{};
  std::snprintf(name.data(), name.size(), "/%lx-%lx", host.status().st_dev, host.status().st_ino);
  CHECK(host.index() == host.run.path() + name.data());
  struct stat status {};
  REQUIRE(::stat(host.index().c_str(), &status) == 0);
  CHECK((status.st_mode & 07777U) == 0600);
  CHECK(host.directory.files("n").size() == 2);  // the lock and the address
  CHECK(host.directory.files().size() == 1);
}

TEST_CASE("the directory's modification time stays plausible and differs from that of the change") {
  const Host host;
  const std::time_t before = std::time(nullptr);
  { CHECK(host.open().reserve(address("10.1.0.2"), kRed)); }
  const struct stat status = host.status();
  CHECK(status.st_mtim.tv_sec >= before - 3);
  CHECK(status.st_mtim.tv_sec < status.st_ctim.tv_sec);
}

TEST_CASE("the index is current after our own changes, and not after a foreign change") {
  const Host host;
  CHECK(host.open().held_by(kRed).empty());
  CHECK(host.is_current());
  { CHECK(host.open().reserve(address("10.1.0.2"), kRed)); }
  CHECK(host.is_current());
  { CHECK(host.open().reserve(address("10.1.0.3"), kBlue)); }
  CHECK(host.is_current());
  { CHECK(host.open().release_all(kRed).size() == 1); }
  CHECK(host.is_current());
  host.directory.write("n/10.1.0.9", "red\r\neth0");
  CHECK_FALSE(host.is_current());
  { CHECK(host.open().held_by(kRed).size() == 1); }
  CHECK(host.is_current());
  fs::remove(host.directory.path("n/10.1.0.9"));
  CHECK_FALSE(host.is_current());
}

TEST_CASE("a foreign change in the same clock tick as our own is noticed") {
  const Host host;
  { CHECK(host.open().reserve(address("10.1.0.2"), kRed)); }
  host.directory.write("n/10.1.0.9", "red\r\neth0");
  CHECK(host.status().st_mtim.tv_nsec == host.status().st_ctim.tv_nsec);  // the assumption of index.h
  // As if the clock had stopped: the index gets the current change time of the directory.
  {
    auto file = ipam::IndexFile::open(host.run.path(), fs::path(host.index()).filename());
    auto header = file->read<ipam::IndexFile::Body>(0);
    header[5] = static_cast<std::uint64_t>(host.status().st_ctim.tv_sec);
    header[6] = static_cast<std::uint64_t>(host.status().st_ctim.tv_nsec);
    file->write(0, header);
  }
  CHECK_FALSE(host.is_current());
  CHECK(host.open().held_by(kRed).size() == 2);
}

TEST_CASE("a process that waits for the index sees what changed meanwhile") {
  const Host host;
  { CHECK(host.open().reserve(address("10.1.0.2"), kRed)); }
  auto holder = ipam::IndexFile::open(host.run.path(), fs::path(host.index()).filename());
  bool is_current = true;
  std::thread waiting([&] { is_current = host.is_current(); });
  for (int tries = 0; tries < 1000 && !is_waiting_for_lock(); ++tries) ::usleep(1000);
  host.directory.write("n/10.1.0.9",
                       "red\r\neth0");  // by the process with the lock, which is killed before it updates the index
  holder.reset();
  waiting.join();
  CHECK_FALSE(is_current);
}

TEST_CASE("setting modification times back, as tar and rsync do, does not make an old index current") {
  const Host host;
  { CHECK(host.open().reserve(address("10.1.0.2"), kRed)); }
  const struct stat ours = host.status();
  host.directory.write("n/10.1.0.9", "red\r\neth0");
  const struct timespec times[2] = {ours.st_atim, ours.st_mtim};
  REQUIRE(::utimensat(AT_FDCWD, host.directory.path("n").c_str(), times, 0) == 0);
  CHECK_FALSE(host.is_current());
  CHECK(host.open().held_by(kRed).size() == 2);
}

TEST_CASE("a new directory in the same place has another index") {
  const Host host;
  { CHECK(host.open().reserve(address("10.1.0.2"), kRed)); }
  fs::rename(host.directory.path("n"), host.directory.path("old"));
  CHECK(host.open().held_by(kRed).empty());
  fs::rename(host.directory.path("n"), host.directory.path("new"));
  fs::rename(host.directory.path("old"), host.directory.path("n"));
  CHECK(host.open().held_by(kRed).size() == 1);
}

TEST_CASE("the index of a deleted directory is deleted when another one is created") {
  const Host host;
  const auto count = [&] { return std::distance(fs::directory_iterator(host.run.path()), {}); };
  const auto use = [&](const std::string& network) {
    CHECK(Store::create(host.directory.path(), network, host.run.path()).held_by(kRed).empty());
  };
  for (const char* network : {"a", "b", "c"}) use(network);
  CHECK(count() == 3);
  fs::create_directory(host.directory.path("d"));  // before the deletion, so it cannot get the same inode
  fs::remove_all(host.directory.path("a"));
  fs::rename(host.directory.path("b"), host.directory.path("a"));
  use("c");
  CHECK(count() == 3);
  use("d");
  CHECK(count() == 2);  // c's and d's
  use("a");
  CHECK(count() == 3);
  Store::create(host.directory.path(), "a", host.run.path()).forget_index();  // the last call was a GC
  fs::create_directory(host.directory.path("e"));
  fs::remove_all(host.directory.path("a"));
  use("e");
  CHECK(count() == 3);
}

TEST_CASE("two indices of one directory, as in two mount namespaces, notice each other's changes") {
  const Host host;
  const MemoryFolder other;
  const auto open_there = [&] { return Store::create(host.directory.path(), "n", other.path()); };
  { CHECK(host.open().reserve(address("10.1.0.2"), kRed)); }
  { CHECK(open_there().reserve(address("10.1.0.3"), kRed)); }
  CHECK(host.open().held_by(kRed).size() == 2);
  { CHECK(host.open().release_all(kRed).size() == 2); }
  CHECK(open_there().held_by(kRed).empty());
  { CHECK(open_there().reserve(address("10.1.0.3"), kBlue)); }
  CHECK(host.open().held_by(kBlue).size() == 1);
}

TEST_CASE("an address that is released without the lock, during a call, is found when no other is free") {
  const Host host;
  Store store = host.open();
  for (const char* id : {"a", "b", "c"}) CHECK(add(store, three(), {id, "eth0"}).starts_with("10.1.0."));
  fs::remove(host.directory.path("n/10.1.0.3"));
  CHECK(add(store, three(), {"d", "eth0"}) == "10.1.0.3");
  CHECK(add(store, three(), {"e", "eth0"}).find("no IP addresses available") != std::string::npos);
}

TEST_CASE("an address that is allocated without the lock, during a call, is not allocated again") {
  const Host host;
  Store store = host.open();
  CHECK(store.held_by(kRed).empty());
  host.directory.write("n/10.1.0.2", "red\r\neth0");
  CHECK_FALSE(store.reserve(address("10.1.0.2"), kBlue));
  CHECK(store.held_by(kRed).size() == 1);
  CHECK(add(store, three(), kBlue) == "10.1.0.3");
}

TEST_CASE("an empty file that appears without the lock, during a call, is a free address") {
  const Host host;
  Store store = host.open();
  CHECK(store.held_by(kRed).empty());
  host.directory.write("n/10.1.0.2", "");
  CHECK(add(store, three(), kBlue) == "10.1.0.2");
}

TEST_CASE("an index that calls an allocated address free is not used again") {
  const Host host;
  {
    Store store = host.open();
    CHECK(store.held_by(kBlue).empty());
    host.directory.write("n/10.1.0.2", "red\r\neth0");  // without the lock, during the call
    CHECK_FALSE(store.reserve(address("10.1.0.2"), kBlue));
    CHECK(store.held_by(kRed).size() == 1);
    CHECK(store.reserve(address("10.1.0.3"), kBlue));
  }
  CHECK(host.open().held_by(kRed).size() == 1);
}

TEST_CASE("an error of the index, from a change without the lock, ends with the next GC") {
  const Host host;
  {
    Store store = host.open();
    CHECK(store.held_by(kRed).empty());
    host.directory.write("n/10.1.0.9", "red\r\neth0");
    CHECK(store.reserve(address("10.1.0.2"), kBlue));
  }
  CHECK(host.open().held_by(kRed).empty());  // the limit that index.h documents
  host.open().forget_index();
  CHECK(host.open().held_by(kRed).size() == 1);
}

TEST_CASE("an empty file that is filled in place is found, and one that is emptied becomes free") {
  const Host host;
  { CHECK(host.open().reserve(address("10.1.0.4"), kBlue)); }
  host.directory.write("n/10.1.0.2", "");
  host.directory.write("n/10.1.0.3", "an operator's note");
  CHECK(host.open().held_by(kRed).empty());
  host.directory.write("n/10.1.0.2", "red\r\neth0");
  host.directory.write("n/10.1.0.3", "red");
  CHECK(host.open().held_by(kRed).size() == 2);
  CHECK(host.open().held_by(kRed).size() == 2);
  host.directory.write("n/10.1.0.4", "");
  Store store = host.open();
  CHECK(add(store, three(), kBlue) == "10.1.0.4");
}

TEST_CASE("a file that is overwritten in place is found when its former owner is looked up") {
  const Host host;
  { CHECK(host.open().reserve(address("10.1.0.2"), kBlue)); }
  host.directory.write("n/10.1.0.2", "red\r\neth0");
  CHECK(host.open().held_by(kRed).empty());  // the limit that index.h documents
  CHECK(host.open().held_by(kBlue).empty());
  CHECK(host.open().held_by(kRed).size() == 1);
}

TEST_CASE("everything works without an index") {
  const Host host;
  const TemporaryDirectory disk;
  disk.write("file", "");
  fs::create_symlink("/nowhere", disk.path("link"));
  for (const std::string& folder :
       {disk.path("file"), disk.path("link"), std::string("/proc/self/x"), disk.path("x")}) {
    CAPTURE(folder);
    const auto open = [&] { return Store::create(host.directory.path(), "n", folder); };
    { CHECK(open().reserve(address("10.1.0.2"), kRed)); }
    { CHECK_FALSE(open().reserve(address("10.1.0.2"), kBlue)); }
    {
      Store store = open();
      CHECK(add(store, three(), kBlue).starts_with("10.1.0."));
    }
    CHECK(open().held_by(kRed).size() == 1);
    CHECK(open().release_all(kRed).size() == 1);
    CHECK(open().release_all(kRed).empty());
    CHECK(open().release_all(kBlue).size() == 1);
  }
}

TEST_CASE("containers whose records exceed one block are all found, and gone after their release") {
  const Host host;
  const MemoryFolder run;
  auto file = ipam::IndexFile::open(run.path(), "owners");
  REQUIRE(file);
  constexpr std::size_t kBlocks = 3;
  for (std::size_t i = 1; i <= kBlocks; ++i) file->write(i, ipam::OwnerBlock{});
  ipam::OwnerTable owners(*file, 1, kBlocks);
  std::vector<std::pair<ipam::OwnerKey, net::Address>> all;
  net::Address one = address("fd00::1");
  for (std::size_t i = 0; i < kBlocks * ipam::OwnerBlock::kMost; ++i, one = one.next()) {
    all.emplace_back(ipam::key_of("c" + std::to_string(i / 3)), one);
    owners.insert(all.back().first, one);
  }
  CHECK_THROWS_AS(owners.insert(7, one), ipam::IndexDamaged);
  for (const auto& [key, address] : all) CHECK(owners.find(key).size() == 3);
  for (const auto& [key, address] : all) owners.erase(key, address);
  for (const auto& [key, address] : all) CHECK(owners.find(key).empty());
  CHECK_THROWS_AS(owners.erase(all[0].first, all[0].second), ipam::IndexDamaged);
  owners.flush();
  for (std::size_t i = 1; i <= kBlocks; ++i)
    CHECK(file->read<ipam::OwnerBlock>(i).passed == 0);  // otherwise searches get long
}

TEST_CASE("an index that becomes too small is rebuilt, larger") {
  const Host host;
  for (const int upto : {1500, 3000}) {
    net::Address one = address("10.1.0.0");
    for (int i = 0; i < upto; i += 300) {
      Store store = host.open();
      for (int j = 0; j < 300; ++j, one = one.next()) {
        store.reserve(one, {"c" + std::to_string(i + j), "eth0"});
      }
    }
    CHECK(host.open().held_by({"c" + std::to_string(upto - 1), "eth0"}).size() == 1);
    CHECK(host.is_current());
  }
  CHECK(fs::file_size(host.index()) > 100000);
}

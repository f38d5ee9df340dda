// SPDX-License-Identifier: Apache-2.0
// Killed between any two system calls of an ADD, a DEL, or a CHECK that builds the index.
#include <algorithm>
#include <filesystem>

#include <doctest/doctest.h>

#include "lib/ipam/allocator.h"
#include "lib/ipam/store.h"
#include "tests/lib/ipam/memory_folder.h"
#include "tests/lib/ipam/naive.h"
#include "tests/lib/ipam/sets.h"
#include "tests/lib/ipam/traced.h"
#include "tests/lib/os/temporary_directory.h"

using ipam::Store;

namespace {

class Network {
 public:
  Network() {
    for (int i = 0; i < 5; ++i) add("c" + std::to_string(i));
  }

  [[nodiscard]] Store open() const { return Store::create(directory_.path(), "n", run_.path()); }

  void add(const std::string& container) const {
    Store store = open();
    store.reclaim([] { return std::string("boot-1"); }, [](const ipam::Entry&) {});
    ipam::allocate(store, std::vector{range_set({v4_}), range_set({v6_})}, {}, {container, "eth0"});
  }

  void del(const std::string& container) const { open().release_all({container, "eth0"}); }

  // A call of the reference: the next call builds the index.
  void change_unseen() const {
    directory_.write("n/10.1.0.200", "r\r\neth0");
    std::filesystem::remove(directory_.path("n/10.1.0.200"));
  }

  // The store must agree with the files. Only now, because this may build its index.
  void require_truth() const {
    const Naive naive(directory_.path("n"));
    Store store = open();
    for (int i = 0; i < 8; ++i) {
      const std::string id = "c" + std::to_string(i);
      REQUIRE(store.held_by({id, "eth0"}) == naive.with(id + "\r\neth0"));
    }
    const ipam::Range four = range(v4_);
    auto free = four.start;
    while (naive.taken.count(free) != 0) free = free.next();
    REQUIRE(store.next_free(four.start, four.end) == free);
    REQUIRE(naive.with("").empty());  // complete or absent
  }

  [[nodiscard]] const TemporaryDirectory& directory() const { return directory_; }

 private:
  TemporaryDirectory directory_;
  MemoryFolder run_;
  Written v4_{"10.1.0.0/24", "10.1.0.2"};
  Written v6_{"fd00:1::/64", "fd00:1::2"};
};

// Kills `work` before its first system call, its second one ...; `restore` prepares the next run. Returns the number
// of calls.
std::size_t kill_everywhere(const Network& network, const std::function<void()>& work,
                            const std::function<void()>& restore) {
  for (std::size_t limit = 0;; ++limit) {
    CAPTURE(limit);
    const Traced traced = trace(work, limit);
    if (!traced.is_possible) {
      MESSAGE("SKIP: ptrace is not allowed");
      return 0;
    }
    network.require_truth();
    restore();
    network.require_truth();
    if (traced.has_ended) return limit;
  }
}

}  // namespace

TEST_CASE("an ADD that is killed anywhere leaves an index that agrees with the files") {
  const Network network;
  const std::size_t calls = kill_everywhere(
      network, [&] { network.add("c7"); }, [&] { network.del("c7"); });
  CHECK((calls == 0 || calls > 25));
  CHECK(network.directory().has("n/10.1.0.6"));
}

TEST_CASE("a DEL that is killed anywhere leaves an index that agrees with the files") {
  const Network network;
  kill_everywhere(
      network, [&] { network.del("c3"); },
      [&] {
        network.del("c3");
        network.add("c3");
      });
}

TEST_CASE("so do a CHECK and an ADD that build the index") {
  const Network network;
  network.change_unseen();
  kill_everywhere(
      network,
      [&] {
        static_cast<void>(network.open().held_by({"c2", "eth0"}));
      },
      [&] { network.change_unseen(); });
  kill_everywhere(
      network, [&] { network.add("c7"); },
      [&] {
        network.del("c7");
        network.change_unseen();
      });
}

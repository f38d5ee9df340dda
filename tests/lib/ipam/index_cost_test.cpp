// SPDX-License-Identifier: Apache-2.0
// The cost of a call does not depend on the number of allocations: its system calls are the same.
#include <sys/syscall.h>

#include <algorithm>

#include <doctest/doctest.h>

#include "lib/ipam/allocator.h"
#include "lib/ipam/store.h"
#include "tests/lib/ipam/memory_folder.h"
#include "tests/lib/ipam/sets.h"
#include "tests/lib/ipam/traced.h"
#include "tests/lib/os/temporary_directory.h"

using ipam::Store;

namespace {

class Network {
 public:
  // Written as the reference does; the first call builds the index.
  explicit Network(int allocations) {
    std::filesystem::create_directory(directory_.path("n"));
    net::Address next = address("10.1.0.2");
    for (int i = 0; i < allocations; ++i, next = next.next()) {
      directory_.write("n/" + next.text(), "c" + std::to_string(i) + "\r\neth0");
      directory_.write("n/last_reserved_ip.0", next.text());
    }
    for (const char* first : {"warm", "warmer"}) {
      add(first);
      del(first);
    }
  }

  void add(const std::string& container, const std::string& requested = "") const {
    Store store = open();
    store.reclaim([] { return std::string("boot-1"); }, [](const ipam::Entry&) {});
    std::vector<net::Address> addresses;
    if (!requested.empty()) addresses.push_back(address(requested));
    ipam::allocate(store, std::vector{range_set({{"10.1.0.0/16"}})}, addresses, {container, "eth0"});
  }
  void del(const std::string& container) const { open().release_all({container, "eth0"}); }
  void check(const std::string& container) const { REQUIRE(open().held_by({container, "eth0"}).size() == 1); }

  // The round robin restarts where all addresses are allocated.
  void begin_again() const { directory_.write("n/last_reserved_ip.0", "10.1.0.1"); }

 private:
  [[nodiscard]] Store open() const { return Store::create(directory_.path(), "n", run_.path()); }

  TemporaryDirectory directory_;
  MemoryFolder run_;
};

using Calls = std::vector<std::vector<long>>;

// The system calls of each kind of call.
Calls calls_of(const Network& network) {
  Calls calls;
  const auto note = [&](const std::function<void()>& work) {
    const Traced traced = trace(work);
    REQUIRE((traced.has_ended || !traced.is_possible));
    calls.push_back(traced.calls);
  };
  note([&] { network.add("new"); });
  note([&] { network.check("new"); });
  note([&] { network.check("c3"); });
  note([&] { network.del("new"); });
  note([&] { network.del("new"); });
  note([&] {
    network.add("asking", "10.1.177.177");
  });  // not shorter than the previous hint, which would need ftruncate(2)
  note([&] { network.del("asking"); });
  network.begin_again();
  note([&] { network.add("late"); });
  note([&] { network.del("late"); });
  return calls;
}

}  // namespace

TEST_CASE("ADD, CHECK, DEL and a repeated DEL make the same system calls with 10 and with 3,000 allocations") {
  const Calls few = calls_of(Network(10));
  if (few.front().empty()) {
    MESSAGE("SKIP: ptrace is not allowed");
    return;
  }
  CHECK(few == calls_of(Network(100)));
  const Calls many = calls_of(Network(3000));
  for (std::size_t i = 0; i < few.size(); ++i) CHECK_MESSAGE(few[i] == many[i], "call ", i);
  for (const auto& calls : few) {
    CHECK(std::count(calls.begin(), calls.end(), SYS_getdents64) == 0);
    CHECK(calls.size() <= 32);
  }
  CHECK(few[1].size() <= 20);  // CHECK
  CHECK(few[4].size() <= 16);  // a repeated DEL
}

TEST_CASE("searching a range of 60,000 addresses that is nearly full reads at most 16 blocks") {
  const TemporaryDirectory temporary;
  const MemoryFolder run;
  auto file = ipam::IndexFile::open(run.path(), "bits");
  REQUIRE(file);
  for (std::size_t i = 1; i <= 32; ++i) file->write(i, ipam::BitBlock{});
  ipam::TakenBits bits(*file, 1, 32, 0);
  const net::Address first = address("10.1.0.1");
  const net::Address last = address("10.1.234.96");
  const net::Address free = address("10.1.234.95");
  for (net::Address one = first; one <= last; one = one.next()) {
    if (one != free) bits.take(one);
  }
  bits.flush();
  const Traced traced = trace([&] {
    ipam::TakenBits again(*file, 1, 32, bits.used());
    if (again.next_free(first, last) != free) throw std::runtime_error("not found");
  });
  if (!traced.is_possible) return;
  CHECK(traced.has_ended);
  CHECK(traced.calls.size() <= 15 * 3);  // including the blocks before one that is not in its hashed place
  CHECK(bits.next_free(last, last) == std::nullopt);
  CHECK(bits.next_free(free, last) == free);
}

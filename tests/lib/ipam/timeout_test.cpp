// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <filesystem>
#include <system_error>

#include <doctest/doctest.h>

#include "lib/ipam/store.h"
#include "lib/os/file.h"
#include "lib/os/waited_for.h"
#include "tests/lib/ipam/memory_folder.h"
#include "tests/lib/ipam/sets.h"
#include "tests/lib/os/temporary_directory.h"

using ipam::Store;
using namespace std::chrono_literals;

TEST_CASE("if the lock does not become free, ADD and DEL fail with the name of the process that has it") {
  const TemporaryDirectory temporary;
  { const Store store = Store::create(temporary.path(), "n"); }
  const os::Fd owner = os::open_file(temporary.path("n/lock"), O_RDONLY);
  REQUIRE(::flock(owner.get(), LOCK_EX) == 0);
  const std::string expected = "lock lock: waited 50 ms for " + os::process_text(::getpid()) + ": Connection timed out";
  CHECK(error_of([&] { Store::create(temporary.path(), "n", ipam::kIndexFolder, 50ms); }) == expected);
  CHECK(error_of([&] { Store::open(temporary.path(), "n", ipam::kIndexFolder, 50ms); }) == expected);
}

TEST_CASE("an index that stays locked is ignored after a short wait") {
  const TemporaryDirectory temporary;
  const MemoryFolder run;
  const auto open = [&] { return Store::create(temporary.path(), "n", run.path()); };
  REQUIRE(open().reserve(address("10.1.0.2"), {"red", "eth0"}));
  std::string index;
  for (const auto& entry : std::filesystem::directory_iterator(run.path())) index = entry.path();
  const os::Fd owner = os::open_file(index, O_RDONLY);
  REQUIRE(::flock(owner.get(), LOCK_EX) == 0);
  {
    Store store = open();
    CHECK_FALSE(store.reserve(address("10.1.0.2"), {"blue", "eth0"}));
    CHECK(store.reserve(address("10.1.0.3"), {"blue", "eth0"}));
    CHECK(store.release_all({"red", "eth0"}).size() == 1);
  }
  REQUIRE(::flock(owner.get(), LOCK_UN) == 0);
  Store store = open();
  CHECK(store.addresses_of({"blue", "eth0"}).size() == 1);  // the index missed these changes and is not used
  CHECK(store.addresses_of({"red", "eth0"}).empty());
  CHECK(store.next_free(address("10.1.0.2"), address("10.1.0.9")) == address("10.1.0.2"));
}

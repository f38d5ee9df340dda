// SPDX-License-Identifier: Apache-2.0
#include "lib/ipam/boot.h"

#include <fcntl.h>
#include <sys/xattr.h>

#include <filesystem>

#include <doctest/doctest.h>

#include "lib/ipam/exhaustion.h"
#include "lib/ipam/store.h"
#include "tests/lib/ipam/memory_folder.h"
#include "tests/lib/ipam/sets.h"
#include "tests/lib/os/temporary_directory.h"

using ipam::Entry;
using ipam::Store;

namespace {

// A host that is rebooted, and its one network.
class Machine {
 public:
  Machine() {
    std::filesystem::create_directory(directory_.path("n"));
    can_mark_ = ::setxattr(directory_.path("n").c_str(), "user.footbridge.test", "1", 1, 0) == 0;
    if (!can_mark_) MESSAGE("SKIP: the file system of temporary files keeps no attributes");
  }

  // Our ADD in that boot: the addresses that it reclaims, "10.1.0.2 10.1.0.3".
  std::string add(const std::string& boot, const std::string& its_address, const std::string& container) {
    if (boot != boot_) run_ = std::make_unique<MemoryFolder>();  // memory is lost at a reboot
    boot_ = boot;
    Store store = Store::create(directory_.path(), "n", run_->path());
    std::string text;
    store.reclaim([&] { return boot; },
                  [&](const Entry& one) { text += (text.empty() ? "" : " ") + one.address.text(); });
    CHECK(store.reserve(address(its_address), {container, "eth0"}));
    return text;
  }

  // ADD by the reference, with any clock.
  void add_by_reference(const std::string& its_address, std::time_t clock) {
    directory_.write("n/" + its_address, "r\r\neth0");
    struct timespec times[2] = {{clock, 0}, {clock, 0}};
    REQUIRE(::utimensat(AT_FDCWD, directory_.path("n/" + its_address).c_str(), times, 0) == 0);
  }

  [[nodiscard]] bool has(const std::string& its_address) const { return directory_.has("n/" + its_address); }
  [[nodiscard]] const TemporaryDirectory& directory() const { return directory_; }
  [[nodiscard]] bool can_mark() const { return can_mark_; }

 private:
  TemporaryDirectory directory_;
  std::string boot_;
  std::unique_ptr<MemoryFolder> run_ = std::make_unique<MemoryFolder>();
  bool can_mark_ = false;
};

constexpr std::time_t kLongAgo = 1000;
constexpr std::time_t kFuture = 4000000000;

}  // namespace

TEST_CASE("the id of a boot does not change") {
  CHECK(ipam::current_boot().size() == 36);
  CHECK(ipam::current_boot() == ipam::current_boot());
}

TEST_CASE("the first ADD after a reboot releases earlier allocations, the second one nothing") {
  Machine machine;
  if (!machine.can_mark()) return;
  CHECK(machine.add("boot-1", "10.1.0.2", "a").empty());
  CHECK(machine.add("boot-1", "10.1.0.3", "b").empty());
  CHECK(machine.add("boot-2", "10.1.0.4", "c") == "10.1.0.2 10.1.0.3");
  CHECK(machine.add("boot-2", "10.1.0.5", "d").empty());
  CHECK(machine.has("10.1.0.4"));
  CHECK(machine.directory().read("n/10.1.0.5") == "d\r\neth0");
  CHECK(machine.add("boot-3", "10.1.0.6", "e") == "10.1.0.4 10.1.0.5");
}

TEST_CASE("allocations of the reference are released after a full boot of ours, whatever the clock") {
  for (const std::time_t clock : {kLongAgo, kFuture}) {
    Machine machine;
    if (!machine.can_mark()) return;
    machine.add_by_reference("10.1.0.2", clock);  // before our first call: may be of this boot
    CHECK(machine.add("boot-1", "10.1.0.3", "a").empty());
    machine.add_by_reference("10.1.0.4", clock);
    CHECK(machine.add("boot-1", "10.1.0.5", "b").empty());
    machine.add_by_reference("10.1.0.6", clock);  // of boot-2, and alive: must not be released
    CHECK(machine.add("boot-2", "10.1.0.7", "c") == "10.1.0.2 10.1.0.3 10.1.0.5");
    CHECK(machine.has("10.1.0.6"));
    CHECK(machine.add("boot-3", "10.1.0.8", "d") == "10.1.0.4 10.1.0.6 10.1.0.7");
  }
}

TEST_CASE("links, empty files and foreign files are not reclaimed") {
  Machine machine;
  if (!machine.can_mark()) return;
  machine.add("boot-1", "10.1.0.2", "a");
  std::filesystem::create_symlink("10.1.0.2", machine.directory().path("n/10.1.0.3"));
  machine.directory().write("n/10.1.0.4", "");
  machine.directory().write("n/10.1.0.5", "an operator's note");
  CHECK(machine.add("boot-2", "10.1.0.6", "b") == "10.1.0.2");
  for (const char* left : {"10.1.0.3", "10.1.0.4", "10.1.0.5"}) CHECK(machine.has(left));
}

TEST_CASE("if the boot is unknown, nothing is released or marked") {
  Machine machine;
  machine.add("boot-1", "10.1.0.2", "a");
  CHECK(machine.add("", "10.1.0.3", "b").empty());
  const auto store = Store::open(machine.directory().path(), "n");
  CHECK(store->entries().back().boot.empty());
  CHECK_FALSE(store->entries().front().is_of_earlier_boot(""));
}

TEST_CASE("a set is exhausted if all its addresses are allocated in this boot") {
  Machine machine;
  if (!machine.can_mark()) return;
  const std::vector<ipam::RangeSet> sets{range_set({{"10.1.0.0/29"}}), range_set({{"10.2.0.0/30"}}),
                                         range_set({{"10.3.0.0/30"}})};
  const auto exhausted = [&](const std::string& boot) {
    std::string text;
    const auto view = ipam::StoreView::open(machine.directory().path(), "n");
    for (const ipam::RangeSet* set : ipam::find_exhausted(*view, sets, boot)) text += set->text() + " ";
    return text;
  };
  for (int last = 2; last <= 6; ++last) machine.add("boot-1", "10.1.0." + std::to_string(last), "a");
  machine.directory().write("n/10.2.0.2", "");
  CHECK(exhausted("boot-1") == "10.1.0.1-10.1.0.6 ");
  CHECK(exhausted("boot-2").empty());
  machine.add_by_reference("10.2.0.2", kFuture);
  CHECK(exhausted("boot-1") == "10.1.0.1-10.1.0.6 10.2.0.1-10.2.0.2 ");
  CHECK(exhausted("boot-2") == "10.2.0.1-10.2.0.2 ");
}

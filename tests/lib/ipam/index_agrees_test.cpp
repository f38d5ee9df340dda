// SPDX-License-Identifier: Apache-2.0
// Two stores with the same history, one with an index and one without: sets of several ranges with gaps, both
// families, gateways in the middle, ranges that become full, the round robin, requests.
#include <filesystem>
#include <fstream>
#include <random>

#include <doctest/doctest.h>

#include "lib/ipam/allocator.h"
#include "lib/ipam/store.h"
#include "tests/lib/ipam/memory_folder.h"
#include "tests/lib/ipam/naive.h"
#include "tests/lib/ipam/sets.h"
#include "tests/lib/os/temporary_directory.h"

namespace fs = std::filesystem;
using ipam::Store;

namespace {

const std::vector<std::vector<ipam::RangeSet>>& configurations() {
  static const std::vector<std::vector<ipam::RangeSet>> all{
      {range_set({{"10.1.0.0/28"}})},
      {range_set({{"10.1.0.0/16", "10.1.15.250", "10.1.16.5", "10.1.16.0"}}, {"10.1.15.254/31", "10.1.16.3"}),
       range_set({{"fd00:1::/64", "fd00:1::ffa", "fd00:1::1005", "fd00:1::1000"}})},
      // Neither sorted nor with one gateway.
      {range_set({{"10.9.0.0/24", "10.9.0.250", "10.9.0.254", "10.9.0.252"},
                  {"10.2.0.0/29"},
                  {"10.5.0.0/24", "10.5.0.7", "10.5.0.7", "10.5.0.9"},
                  {"10.5.0.0/24", "10.5.0.9", "10.5.0.9", "10.5.0.9"}},
                 {"10.2.0.2", "10.9.0.254"})},
      {range_set({{"255.255.255.240/28", "255.255.255.250", "255.255.255.254"}}),
       range_set({{"ffff:ffff:ffff:ffff:ffff:ffff:ffff:fff0/124", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffa",
                   "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffc"}}),
       range_set({{"10.1.0.0/30"}})}};
  return all;
}

// The time and the directory of the oldest allocation may differ.
std::string without_oldest(const std::string& text) { return text.substr(0, text.find(", the oldest")); }

class Pair {
 public:
  explicit Pair(unsigned seed) : random_(seed), sets_(&configurations()[seed % configurations().size()]) {}

  void step() {
    const std::string id = "c" + std::to_string(draw(14));
    switch (draw(6)) {
      case 0:
      case 1:
      case 2: return add(id, {});
      case 3: return add(id, {some_address()});
      case 4: return del(id);
      default: return change();
    }
  }

 private:
  std::size_t draw(std::size_t below) { return std::uniform_int_distribution<std::size_t>(0, below - 1)(random_); }
  Store with() { return Store::create(with_.path(), "n", run_.path()); }
  Store without() { return Store::create(without_.path(), "n", "/proc/self/none"); }

  net::Address some_address() {
    const ipam::RangeSet& set = (*sets_)[draw(sets_->size())];
    const ipam::Range& range = set.ranges()[draw(set.ranges().size())];
    net::Address one = range.start;
    for (std::size_t steps = draw(16); steps > 0 && one != range.end; --steps) one = one.next();
    return one;
  }

  std::string add_to(Store store, const std::string& id, const std::vector<net::Address>& requested) {
    try {
      std::string all;
      for (const ipam::Allocation& one : ipam::allocate(store, *sets_, requested, {id, "eth0"})) {
        all += one.address.text() + " ";
      }
      return all;
    } catch (const std::runtime_error& error) {
      return without_oldest(error.what());
    }
  }

  void add(const std::string& id, const std::vector<net::Address>& requested) {
    CHECK(add_to(with(), id, requested) == add_to(without(), id, requested));
    same();
  }

  void del(const std::string& id) {
    CHECK(with().release_all({id, "eth0"}) == without().release_all({id, "eth0"}));
    same();
  }

  // Foreign files, in both.
  void change() {
    const std::string name = some_address().text();
    const std::string content = draw(3) == 0 ? "" : "c" + std::to_string(draw(14)) + (draw(2) == 0 ? "" : "\r\neth0");
    const bool is_removed = draw(2) == 0;
    for (const std::string& directory : {with_.path("n/"), without_.path("n/")}) {
      if (!fs::exists(directory)) continue;
      if (is_removed) {
        fs::remove(directory + name);
      } else if (!fs::exists(directory + name)) {
        std::ofstream(directory + name, std::ios::binary) << content;
      }
    }
  }

  void same() {
    CHECK(Naive(with_.path("n")).contents == Naive(without_.path("n")).contents);
    for (std::size_t set = 0; set < sets_->size(); ++set) {
      CHECK(with().last_reserved(set) == without().last_reserved(set));
    }
  }

  std::mt19937 random_;
  const std::vector<ipam::RangeSet>* sets_;
  TemporaryDirectory with_;
  TemporaryDirectory without_;
  MemoryFolder run_;
};

}  // namespace

TEST_CASE("each call has the same result and effect with and without an index") {
  for (unsigned seed = 0; seed < 12; ++seed) {
    CAPTURE(seed);
    Pair pair(seed);
    for (int i = 0; i < 300; ++i) pair.step();
  }
}

// SPDX-License-Identifier: Apache-2.0
#include "lib/ipam/walk.h"

#include <doctest/doctest.h>

#include "tests/lib/ipam/sets.h"

using ipam::RangeSet;
using ipam::Walk;

namespace {

// All addresses of a walk as text, "1 2 3" for the last octets.
std::string walk(const RangeSet& set, const std::string& last = "") {
  Walk addresses(set, last.empty() ? std::nullopt : std::optional(address(last)));
  std::string text;
  while (const auto candidate = addresses.next()) {
    text += (text.empty() ? "" : " ") + std::to_string(candidate->address.bytes().back());
  }
  return text;
}

}  // namespace

TEST_CASE("a walk without a last address begins at the start of the first range and skips the gateway") {
  CHECK(walk(range_set({{"10.1.0.0/29"}})) == "2 3 4 5 6");
  CHECK(walk(range_set({{"10.1.0.0/29", "", "", "10.1.0.4"}})) == "1 2 3 5 6");
  CHECK(walk(range_set({{"10.1.0.0/29", "", "", "10.1.0.6"}})) == "1 2 3 4 5");
  CHECK(walk(range_set({{"10.1.0.0/29", "", "", "10.9.0.1"}})) == "1 2 3 4 5 6");
}

TEST_CASE("a walk continues after the last address and ends with it") {
  const RangeSet set = range_set({{"10.1.0.0/24", "10.1.0.2", "10.1.0.5"}});
  CHECK(walk(set, "10.1.0.3") == "4 5 2 3");
  CHECK(walk(set, "10.1.0.5") == "2 3 4 5");
  CHECK(walk(set, "10.1.0.2") == "3 4 5 2");
}

TEST_CASE("a last address outside of the set is ignored") {
  const RangeSet set = range_set({{"10.1.0.0/24", "10.1.0.2", "10.1.0.5"}});
  CHECK(walk(set, "10.1.0.6") == "2 3 4 5");
  CHECK(walk(set, "10.1.0.1") == "2 3 4 5");
  CHECK(walk(set, "fd00::1") == "2 3 4 5");
}

TEST_CASE("a walk skips a gateway right after the last address") {
  CHECK(walk(range_set({{"10.1.0.0/24", "10.1.0.2", "10.1.0.5", "10.1.0.4"}}), "10.1.0.3") == "5 2 3");
}

TEST_CASE("a walk visits all ranges of a set and wraps around") {
  const RangeSet set = range_set({{"10.1.0.0/24", "10.1.0.2", "10.1.0.3"}, {"10.2.0.0/29", "10.2.0.1", "10.2.0.6"}});
  CHECK(walk(set) == "2 3 2 3 4 5 6");
  CHECK(walk(set, "10.1.0.3") == "2 3 4 5 6 2 3");
  CHECK(walk(set, "10.2.0.5") == "6 2 3 2 3 4 5");
  Walk addresses(set, address("10.1.0.3"));
  const auto first = addresses.next();
  REQUIRE(first);
  CHECK(first->address.text() == "10.2.0.2");
  CHECK(first->range->gateway.text() == "10.2.0.1");
}

TEST_CASE("a set with only its gateway has no address") {
  CHECK(walk(range_set({{"10.1.0.0/24", "10.1.0.1", "10.1.0.1"}})).empty());
}

TEST_CASE("a range may end with the last address of the family") {
  const RangeSet set =
      range_set({{"ffff:ffff:ffff:ffff:ffff:ffff:ffff:fff0/124", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffe"}});
  CHECK(walk(set) == "254 255");
  CHECK(walk(set, "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff") == "254 255");
}

TEST_CASE("a walk skips excluded addresses") {
  const RangeSet set = range_set({{"10.1.0.0/24", "10.1.0.2", "10.1.0.9"}, {"10.2.0.0/24", "10.2.0.1", "10.2.0.3"}},
                                 {"10.1.0.4/31", "10.1.0.9", "10.2.0.3"});
  CHECK(walk(set) == "2 3 6 7 8 2");
  CHECK(walk(set, "10.1.0.3") == "6 7 8 2 2 3");
  CHECK(walk(set, "10.1.0.8") == "2 2 3 6 7 8");
  CHECK(walk(set, "10.2.0.2") == "2 3 6 7 8 2");
}

TEST_CASE("a walk continues at a last address that is excluded by now") {
  const RangeSet set = range_set({{"10.1.0.0/24", "10.1.0.2", "10.1.0.9"}, {"10.2.0.0/24", "10.2.0.2", "10.2.0.3"}},
                                 {"10.1.0.4/31", "10.1.0.9", "10.2.0.3"});
  CHECK(walk(set, "10.1.0.4") == "6 7 8 2 2 3");
  CHECK(walk(set, "10.1.0.9") == "2 2 3 6 7 8");
  CHECK(walk(set, "10.2.0.3") == "2 3 6 7 8 2");
}

TEST_CASE("excluding half of a very large range costs nothing") {
  const RangeSet set = range_set({{"10.0.0.0/8"}}, {"10.0.0.0/9"});
  CHECK(Walk(set, std::nullopt).next()->address.text() == "10.128.0.0");
  const RangeSet larger = range_set({{"fd00::/16"}}, {"fd00::/17"});
  CHECK(Walk(larger, std::nullopt).next()->address.text() == "fd00:8000::");
}

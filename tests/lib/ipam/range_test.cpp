#include "lib/ipam/range.h"

#include <doctest/doctest.h>

#include "tests/lib/ipam/sets.h"

using ipam::check_disjoint;
using ipam::Range;
using ipam::RangeSet;
using ipam::Walk;

namespace {

std::string refusal(const Written& written) {
  return error_of([&] { range(written); });
}

// The whole walk as text, "1 2 3" for the last octets.
std::string walk(const RangeSet& set, const std::string& last = "") {
  Walk addresses(set, last.empty() ? std::nullopt : std::optional(address(last)));
  std::string text;
  while (const auto candidate = addresses.next()) {
    text += (text.empty() ? "" : " ") + std::to_string(candidate->address.bytes().back());
  }
  return text;
}

}  // namespace

TEST_CASE("a subnet alone gives everything but the network's and the broadcast address, and the first as gateway") {
  const Range v4 = range({"10.1.0.0/24"});
  CHECK(v4.text() == "10.1.0.1-10.1.0.254");
  CHECK(v4.gateway.text() == "10.1.0.1");

  const Range v6 = range({"fd00:1::/64"});
  CHECK(v6.text() == "fd00:1::1-fd00:1::ffff:ffff:ffff:ffff");
  CHECK(v6.gateway.text() == "fd00:1::1");

  CHECK(range({"10.1.0.0/30"}).text() == "10.1.0.1-10.1.0.2");
}

TEST_CASE("what is written takes the place of the defaults") {
  const Range given = range({"10.1.0.0/24", "10.1.0.10", "10.1.0.20", "10.1.0.15"});
  CHECK(given.text() == "10.1.0.10-10.1.0.20");
  CHECK(given.gateway.text() == "10.1.0.15");
  CHECK(range({"10.1.0.0/24", "10.1.0.0", "10.1.0.255"}).text() == "10.1.0.0-10.1.0.255");
  CHECK(range({"10.1.0.0/24", "10.1.0.9", "10.1.0.9"}).text() == "10.1.0.9-10.1.0.9");
}

TEST_CASE("a gateway may lie outside of range and subnet") {
  CHECK(range({"10.1.0.0/24", "", "", "192.168.0.1"}).gateway.text() == "192.168.0.1");
}

TEST_CASE("a subnet without two bits for hosts is too small") {
  CHECK(refusal({"10.1.0.0/31"}) ==
        "Network 10.1.0.0/31 too small to allocate from; the prefix length of subnet must be at most 30");
  CHECK(refusal({"10.1.0.0/32"}).starts_with("Network 10.1.0.0/32 too small to allocate from"));
  CHECK(refusal({"fd00::/127"}) ==
        "Network fd00::/127 too small to allocate from; the prefix length of subnet must be at most 126");
  CHECK(refusal({"fd00::1/128"}).starts_with("Network fd00::1/128 too small to allocate from"));
  CHECK(refusal({"fd00::/126"}).empty());
}

TEST_CASE("a subnet with host bits is refused, and the right one is named") {
  CHECK(refusal({"10.1.0.5/24"}) ==
        "Network has host bits set. For a subnet mask of length 24 the network address is 10.1.0.0; "
        "subnet is 10.1.0.5/24, allowed: 10.1.0.0/24");
  CHECK(refusal({"fd00::5/64"})
            .starts_with("Network has host bits set. For a subnet mask of length 64 the network address is fd00::;"));
}

TEST_CASE("start and end must lie in the subnet, of the same family and in order") {
  CHECK(refusal({"10.1.0.0/24", "10.2.0.1"}) ==
        "RangeStart 10.2.0.1 not in network 10.1.0.0/24; rangeStart must lie within 10.1.0.0-10.1.0.255");
  CHECK(refusal({"10.1.0.0/24", "", "10.1.1.0"}) ==
        "RangeEnd 10.1.1.0 not in network 10.1.0.0/24; rangeEnd must lie within 10.1.0.1-10.1.0.255");
  CHECK(refusal({"10.1.0.0/24", "fd00::1"}).starts_with("RangeStart fd00::1 not in network 10.1.0.0/24"));
  CHECK(refusal({"10.1.0.0/24", "", "fd00::1"}).starts_with("RangeEnd fd00::1 not in network 10.1.0.0/24"));
  CHECK(refusal({"10.1.0.0/24", "10.1.0.50", "10.1.0.40"}) ==
        "RangeStart 10.1.0.50 not in network 10.1.0.0/24; rangeStart must lie within 10.1.0.0-10.1.0.40");
  CHECK(refusal({"10.1.0.0/24", "", "10.1.0.0"}).starts_with("RangeEnd 10.1.0.0 not in network 10.1.0.0/24"));
}

TEST_CASE("a set has at least one range, and one family") {
  CHECK(error_of([] { RangeSet({}); }).starts_with("empty range set"));
  CHECK(error_of([] {
          range_set({{"10.1.0.0/24"}, {"fd00::/64"}});
        }) == "mixed address families: subnets 10.1.0.0/24 and fd00::/64; put them into range sets of their own");
}

TEST_CASE("the ranges of a set must not overlap; ranges of one subnet that do not meet are fine") {
  CHECK(error_of([] {
          range_set({{"10.1.0.0/24"}, {"10.1.0.128/25"}});
        }).starts_with("subnets 10.1.0.1-10.1.0.254 and 10.1.0.129-10.1.0.254 overlap"));
  CHECK(error_of([] {
          range_set({{"10.1.0.0/24", "10.1.0.100"}, {"10.2.0.0/24"}, {"10.1.0.0/24", "10.1.0.5", "10.1.0.100"}});
        }).starts_with("subnets 10.1.0.100-10.1.0.254 and 10.1.0.5-10.1.0.100 overlap"));
  CHECK(range_set({{"10.1.0.0/24", "10.1.0.100"}, {"10.1.0.0/24", "10.1.0.5", "10.1.0.99"}}).text() ==
        "10.1.0.100-10.1.0.254,10.1.0.5-10.1.0.99");
}

TEST_CASE("two sets must not share an address; two that share a subnet only may stand") {
  const std::vector<RangeSet> sharing{range_set({{"10.1.0.0/24"}}), range_set({{"fd00::/64"}}),
                                      range_set({{"10.2.0.0/24"}, {"10.1.0.128/25"}})};
  CHECK(error_of([&] { check_disjoint(sharing); }) ==
        "range set 0 overlaps with 2: 10.1.0.1-10.1.0.254 and 10.2.0.1-10.2.0.254,10.1.0.129-10.1.0.254; "
        "no address may belong to two sets");
  const std::vector<RangeSet> apart{range_set({{"10.1.0.0/24", "", "10.1.0.99"}}),
                                    range_set({{"10.1.0.0/24", "10.1.0.100"}})};
  CHECK(error_of([&] { check_disjoint(apart); }).empty());
}

TEST_CASE("a walk without a last address begins at the start of the first range and leaves the gateway out") {
  CHECK(walk(range_set({{"10.1.0.0/29"}})) == "2 3 4 5 6");
  CHECK(walk(range_set({{"10.1.0.0/29", "", "", "10.1.0.4"}})) == "1 2 3 5 6");
  CHECK(walk(range_set({{"10.1.0.0/29", "", "", "10.1.0.6"}})) == "1 2 3 4 5");
  CHECK(walk(range_set({{"10.1.0.0/29", "", "", "10.9.0.1"}})) == "1 2 3 4 5 6");
}

TEST_CASE("a walk goes on after the last address and tries that one last") {
  const RangeSet set = range_set({{"10.1.0.0/24", "10.1.0.2", "10.1.0.5"}});
  CHECK(walk(set, "10.1.0.3") == "4 5 2 3");
  CHECK(walk(set, "10.1.0.5") == "2 3 4 5");
  CHECK(walk(set, "10.1.0.2") == "3 4 5 2");
}

TEST_CASE("a last address that is not in the set is forgotten") {
  const RangeSet set = range_set({{"10.1.0.0/24", "10.1.0.2", "10.1.0.5"}});
  CHECK(walk(set, "10.1.0.6") == "2 3 4 5");
  CHECK(walk(set, "10.1.0.1") == "2 3 4 5");
  CHECK(walk(set, "fd00::1") == "2 3 4 5");
}

TEST_CASE("a walk skips a gateway that comes right after the last address") {
  CHECK(walk(range_set({{"10.1.0.0/24", "10.1.0.2", "10.1.0.5", "10.1.0.4"}}), "10.1.0.3") == "5 2 3");
}

TEST_CASE("a walk goes through all ranges of a set and around") {
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

TEST_CASE("a set with nothing but its gateway has no address to give") {
  CHECK(walk(range_set({{"10.1.0.0/24", "10.1.0.1", "10.1.0.1"}})).empty());
}

TEST_CASE("a range may end with the last address there is") {
  const RangeSet set =
      range_set({{"ffff:ffff:ffff:ffff:ffff:ffff:ffff:fff0/124", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffe"}});
  CHECK(walk(set) == "254 255");
  CHECK(walk(set, "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff") == "254 255");
}

TEST_CASE("a set of ten thousand ranges is checked in no time") {
  std::vector<Range> ranges;
  for (int i = 0; i < 10000; ++i) {
    ranges.push_back(range({"10." + std::to_string(i / 250) + "." + std::to_string(i % 250) + ".0/24"}));
  }
  CHECK(RangeSet(ranges).ranges().size() == 10000);
  ranges.push_back(range({"10.39.249.0/24"}));
  CHECK(error_of([&] { RangeSet{ranges}; }).starts_with("subnets 10.39.249.1-10.39.249.254 and 10.39.249.1-"));
}

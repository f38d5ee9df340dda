// SPDX-License-Identifier: Apache-2.0
#include "lib/ipam/range.h"

#include <doctest/doctest.h>

#include "tests/lib/ipam/sets.h"

using ipam::check_disjoint;
using ipam::Range;
using ipam::RangeSet;

namespace {

std::string segments(const RangeSet& set) {
  std::string text;
  for (const ipam::Segment& one : set.segments()) {
    text += (text.empty() ? "" : " ") + one.start.text() + "-" + one.end.text();
  }
  return text;
}

std::string refusal(const Written& written) {
  return error_of([&] { range(written); });
}

}  // namespace

TEST_CASE("a subnet alone contains all but the network and the broadcast address, and the first one is the gateway") {
  const Range v4 = range({"10.1.0.0/24"});
  CHECK(v4.text() == "10.1.0.1-10.1.0.254");
  CHECK(v4.gateway.text() == "10.1.0.1");

  const Range v6 = range({"fd00:1::/64"});
  CHECK(v6.text() == "fd00:1::1-fd00:1::ffff:ffff:ffff:ffff");
  CHECK(v6.gateway.text() == "fd00:1::1");

  CHECK(range({"10.1.0.0/30"}).text() == "10.1.0.1-10.1.0.2");
}

TEST_CASE("explicit values replace the defaults") {
  const Range given = range({"10.1.0.0/24", "10.1.0.10", "10.1.0.20", "10.1.0.15"});
  CHECK(given.text() == "10.1.0.10-10.1.0.20");
  CHECK(given.gateway.text() == "10.1.0.15");
  CHECK(range({"10.1.0.0/24", "10.1.0.0", "10.1.0.255"}).text() == "10.1.0.0-10.1.0.255");
  CHECK(range({"10.1.0.0/24", "10.1.0.9", "10.1.0.9"}).text() == "10.1.0.9-10.1.0.9");
}

TEST_CASE("a gateway may lie outside of range and subnet") {
  CHECK(range({"10.1.0.0/24", "", "", "192.168.0.1"}).gateway.text() == "192.168.0.1");
}

TEST_CASE("all addresses of a subnet of two are hosts' (RFC 3021, RFC 6164)") {
  CHECK(range({"10.1.0.4/31"}).text() == "10.1.0.4-10.1.0.5");
  CHECK(range({"10.1.0.4/31"}).gateway.text() == "10.1.0.5");
  CHECK(range({"fd00::4/127"}).text() == "fd00::4-fd00::5");
  CHECK(range({"fd00::4/127", "", "", "fd00::4"}).gateway.text() == "fd00::4");
  CHECK(range({"10.1.0.4/31", "10.1.0.5", "10.1.0.5", "10.1.0.4"}).text() == "10.1.0.5-10.1.0.5");
  CHECK(range({"255.255.255.254/31"}).text() == "255.255.255.254-255.255.255.255");
  CHECK(RangeSet({range({"10.1.0.4/31"})}).size() == 1);
  CHECK(RangeSet({range({"10.1.0.4/31", "", "", "169.254.1.1"})}).size() == 2);
}

TEST_CASE("a subnet of one address needs a gateway outside of it") {
  CHECK(refusal({"10.1.0.0/32"}) ==
        "Network 10.1.0.0/32 too small to allocate from without a gateway; set \"gateway\" to an address outside of "
        "it, or "
        "give a shorter prefix in subnet");
  CHECK(refusal({"fd00::1/128"}).starts_with("Network fd00::1/128 too small to allocate from"));
  CHECK(range({"10.1.0.7/32", "", "", "169.254.1.1"}).text() == "10.1.0.7-10.1.0.7");
  CHECK(range({"fd00::7/128", "", "", "fe80::1"}).text() == "fd00::7-fd00::7");
  CHECK(range({"255.255.255.255/32", "", "", "169.254.1.1"}).text() == "255.255.255.255-255.255.255.255");
}

TEST_CASE("a subnet with host bits is rejected with the correct one") {
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
        }) == "mixed address families: subnets 10.1.0.0/24 and fd00::/64; use one range set per family");
}

TEST_CASE("the ranges of a set must not overlap; disjoint ranges of one subnet are allowed") {
  CHECK(error_of([] {
          range_set({{"10.1.0.0/24"}, {"10.1.0.128/25"}});
        }).starts_with("subnets 10.1.0.1-10.1.0.254 and 10.1.0.129-10.1.0.254 overlap"));
  CHECK(error_of([] {
          range_set({{"10.1.0.0/24", "10.1.0.100"}, {"10.2.0.0/24"}, {"10.1.0.0/24", "10.1.0.5", "10.1.0.100"}});
        }).starts_with("subnets 10.1.0.100-10.1.0.254 and 10.1.0.5-10.1.0.100 overlap"));
  CHECK(range_set({{"10.1.0.0/24", "10.1.0.100"}, {"10.1.0.0/24", "10.1.0.5", "10.1.0.99"}}).text() ==
        "10.1.0.100-10.1.0.254,10.1.0.5-10.1.0.99");
}

TEST_CASE("two sets must not share an address; they may share a subnet") {
  const std::vector<RangeSet> sharing{range_set({{"10.1.0.0/24"}}), range_set({{"fd00::/64"}}),
                                      range_set({{"10.2.0.0/24"}, {"10.1.0.128/25"}})};
  CHECK(error_of([&] { check_disjoint(sharing); }) ==
        "range set 0 overlaps with 2: 10.1.0.1-10.1.0.254 and 10.2.0.1-10.2.0.254,10.1.0.129-10.1.0.254; "
        "no address may belong to two sets");
  const std::vector<RangeSet> apart{range_set({{"10.1.0.0/24", "", "10.1.0.99"}}),
                                    range_set({{"10.1.0.0/24", "10.1.0.100"}})};
  CHECK(error_of([&] { check_disjoint(apart); }).empty());
}

TEST_CASE("a set of ten thousand ranges is checked quickly") {
  std::vector<Range> ranges;
  for (int i = 0; i < 10000; ++i) {
    ranges.push_back(range({"10." + std::to_string(i / 250) + "." + std::to_string(i % 250) + ".0/24"}));
  }
  CHECK(RangeSet(ranges).ranges().size() == 10000);
  ranges.push_back(range({"10.39.249.0/24"}));
  CHECK(error_of([&] { RangeSet{ranges}; }).starts_with("subnets 10.39.249.1-10.39.249.254 and 10.39.249.1-"));
}

TEST_CASE("exclusions leave segments, and messages contain the original ranges") {
  const RangeSet set =
      range_set({{"10.1.0.0/24", "10.1.0.2", "10.1.0.20"}, {"10.2.0.0/24"}},
                {"10.1.0.10", "10.1.0.4/31", "10.1.0.19/32", "10.2.0.128/25", "10.9.0.0/16", "fd00::/8"});
  CHECK(segments(set) ==
        "10.1.0.2-10.1.0.3 10.1.0.6-10.1.0.9 10.1.0.11-10.1.0.18 10.1.0.20-10.1.0.20 10.2.0.1-10.2.0.127");
  CHECK(set.text() == "10.1.0.2-10.1.0.20,10.2.0.1-10.2.0.254");
  CHECK(set.size() == 2 + 4 + 8 + 1 + 126);
  CHECK(set.is_excluded(address("10.1.0.5")));
  CHECK_FALSE(set.is_excluded(address("10.1.0.6")));
  CHECK_FALSE(set.is_excluded(address("10.9.0.6")));
  CHECK(set.offers(address("10.1.0.6")));
  CHECK_FALSE(set.offers(address("10.1.0.5")));
  CHECK_FALSE(set.offers(address("10.2.0.1")));
  CHECK(set.range_of(address("10.1.0.5")) != nullptr);
}

TEST_CASE("exclusions may be nested and may exceed a range") {
  CHECK(segments(range_set({{"10.1.0.0/24", "10.1.0.64", "10.1.0.200"}},
                           {"10.1.0.100", "10.1.0.96/28", "10.1.0.0/25", "10.1.0.192/26"})) == "10.1.0.128-10.1.0.191");
  CHECK(segments(range_set({{"255.255.255.0/24", "255.255.255.200", "255.255.255.255"}}, {"255.255.255.254/31"})) ==
        "255.255.255.200-255.255.255.253");
  CHECK(segments(range_set({{"0.0.0.0/24", "0.0.0.0", "0.0.0.9"}}, {"0.0.0.0/30"})) == "0.0.0.4-0.0.0.9");
}

TEST_CASE("a set without an address left is rejected") {
  CHECK(error_of([] { range_set({{"10.1.0.0/24"}}, {"10.0.0.0/8"}); }) ==
        "no address is left in 10.1.0.1-10.1.0.254: ipam.exclude must leave one besides the gateway");
  CHECK(error_of([] { range_set({{"10.1.0.0/30"}}, {"10.1.0.2"}); }).starts_with("no address is left in"));
  CHECK(error_of([] { range_set({{"10.1.0.0/24"}, {"10.2.0.0/24"}}, {"10.1.0.0/24"}); }).empty());
}

TEST_CASE("a set has a size, with an upper limit") {
  CHECK(range_set({{"10.1.0.0/29"}}).size() == 5);
  CHECK(range_set({{"10.1.0.0/29", "", "", "10.9.0.1"}}).size() == 6);
  CHECK(range_set({{"10.0.0.0/8"}}).size() == (1U << 24U) - 3);
  CHECK(range_set({{"fd00::/64"}}).size() == UINT64_MAX);
  CHECK(range_set({{"fd00::/63"}}).size() == UINT64_MAX);
  CHECK(range_set({{"fd00::/64"}, {"fd01::/64"}}).size() == UINT64_MAX);
  CHECK(range_set({{"fd00::/60", "fd00::ffff:ffff:ffff:fff0", "fd00:0:0:1::9"}}).size() == 26);
}

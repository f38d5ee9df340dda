// SPDX-License-Identifier: Apache-2.0
#include "lib/masquerade/exclusion.h"

#include <doctest/doctest.h>

#include "lib/ruleset/sets.h"

namespace {

const net::Owner kOwner{"n", "c1", "eth0"};

net::Prefix prefix(const std::string& text) { return net::Prefix::parse(text).value(); }

ruleset::Element pair(const std::string& source, const std::string& destination, const std::string& comment = "n") {
  return {ruleset::exclude_set(prefix(source).family()).name, {prefix(source), prefix(destination)}, {}, comment};
}

std::string text_of(const std::string& address, const std::vector<std::string>& destinations,
                    const std::vector<ruleset::Element>& seen = {}) {
  masquerade::Exclusion wanted{{prefix(address)}, {}};
  for (const std::string& one : destinations) wanted.destinations.push_back(prefix(one));
  plan::Plan plan;
  plan_exclude(plan, kOwner, wanted, seen);
  std::string text = plan::text(plan);
  for (const auto& [from, to] : {std::pair<std::string, std::string>{"nft add element inet footbridge ", "+ "},
                                 {"nft delete element inet footbridge ", "- "}}) {
    for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from))
      text.replace(at, from.size(), to);
  }
  return text;
}

}  // namespace

TEST_CASE("a destination is excluded for the whole subnet, in its family") {
  CHECK(text_of("10.1.0.2/24", {"10.0.0.0/8", "fd00::/8"}) ==
        "+ exclude4 { 10.1.0.0/24 . 10.0.0.0/8 comment \"n\" }\n");
  CHECK(text_of("fd00:1::2/64", {"10.0.0.0/8", "fd00::/8"}) == "+ exclude6 { fd00:1::/64 . fd00::/8 comment \"n\" }\n");
}

TEST_CASE("the pairs of a subnet of one address belong to the attachment") {
  CHECK(text_of("10.1.0.2/32", {"10.0.0.0/8"}) == "+ exclude4 { 10.1.0.2 . 10.0.0.0/8 comment \"n/c1/eth0\" }\n");
}

TEST_CASE("only the widest of nested destinations counts") {
  const std::string expected = "+ exclude4 { 10.1.0.0/24 . 10.0.0.0/8 comment \"n\" }\n";
  CHECK(text_of("10.1.0.2/24", {"10.0.0.0/8", "10.7.0.0/16", "10.0.0.0/8"}) == expected);
  CHECK(text_of("10.1.0.2/24", {"10.7.0.0/16", "10.0.0.0/8"}) == expected);
}

TEST_CASE("present pairs stay, pairs that the network no longer excludes are removed") {
  const std::vector<ruleset::Element> seen{pair("10.1.0.0/24", "10.0.0.0/8"), pair("10.1.0.0/24", "172.16.0.0/12"),
                                           pair("10.2.0.0/24", "172.16.0.0/12", "other")};
  CHECK(text_of("10.1.0.2/24", {"10.0.0.0/8"}, seen) == "- exclude4 { 10.1.0.0/24 . 172.16.0.0/12 }\n");
  CHECK(text_of("10.1.0.2/24", {}, seen) ==
        "- exclude4 { 10.1.0.0/24 . 10.0.0.0/8 }\n- exclude4 { 10.1.0.0/24 . 172.16.0.0/12 }\n");
}

TEST_CASE("pairs of an address's former container pass to the next one") {
  CHECK(text_of("10.1.0.2/32", {"10.0.0.0/8"}, {pair("10.1.0.2/32", "10.0.0.0/8", "n/gone/eth0")}) ==
        "- exclude4 { 10.1.0.2 . 10.0.0.0/8 }\n+ exclude4 { 10.1.0.2 . 10.0.0.0/8 comment \"n/c1/eth0\" }\n");
  CHECK(text_of("10.1.0.2/32", {"10.0.0.0/8"}, {pair("10.1.0.2/32", "10.0.0.0/8", "n/c1/eth0")}).empty());
}

TEST_CASE("pairs of another network name in the subnet are removed unless this network excludes them too") {
  const std::vector<ruleset::Element> seen{pair("10.1.0.0/24", "10.0.0.0/8", "renamed"),
                                           pair("10.1.0.0/24", "172.16.0.0/12", "renamed")};
  CHECK(text_of("10.1.0.2/24", {"10.0.0.0/8"}, seen) == "- exclude4 { 10.1.0.0/24 . 172.16.0.0/12 }\n");
}

TEST_CASE("a wider pair replaces those it covers, and a covered pair is not added") {
  CHECK(text_of("10.1.0.2/16", {"10.0.0.0/8"}, {pair("10.1.0.0/24", "10.7.0.0/16", "other")}) ==
        "- exclude4 { 10.1.0.0/24 . 10.7.0.0/16 }\n+ exclude4 { 10.1.0.0/16 . 10.0.0.0/8 comment \"n\" }\n");
  CHECK(text_of("10.1.0.2/24", {"10.7.0.0/16"}, {pair("10.1.0.0/16", "10.0.0.0/8", "other")}).empty());
}

TEST_CASE("a pair that partly overlaps another network's is rejected, naming both") {
  CHECK_THROWS_WITH_AS(text_of("10.1.0.2/24", {"10.0.0.0/8"}, {pair("10.1.0.0/16", "10.7.0.0/16", "other")}),
                       "masquerade.exclude: 10.1.0.0/24 . 10.0.0.0/8 overlaps 10.1.0.0/16 . 10.7.0.0/16, excluded by "
                       "network other; nf_tables rejects overlapping pairs: File exists",
                       std::system_error);
}

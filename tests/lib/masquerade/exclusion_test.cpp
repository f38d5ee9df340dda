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

TEST_CASE("a subnet of one address takes its pairs along") {
  CHECK(text_of("10.1.0.2/32", {"10.0.0.0/8"}) == "+ exclude4 { 10.1.0.2 . 10.0.0.0/8 comment \"n/c1/eth0\" }\n");
}

TEST_CASE("of destinations inside one another only the widest counts") {
  const std::string expected = "+ exclude4 { 10.1.0.0/24 . 10.0.0.0/8 comment \"n\" }\n";
  CHECK(text_of("10.1.0.2/24", {"10.0.0.0/8", "10.7.0.0/16", "10.0.0.0/8"}) == expected);
  CHECK(text_of("10.1.0.2/24", {"10.7.0.0/16", "10.0.0.0/8"}) == expected);
}

TEST_CASE("what is there already is left, what the network no longer excludes goes") {
  const std::vector<ruleset::Element> seen{pair("10.1.0.0/24", "10.0.0.0/8"), pair("10.1.0.0/24", "172.16.0.0/12"),
                                           pair("10.2.0.0/24", "172.16.0.0/12", "other")};
  CHECK(text_of("10.1.0.2/24", {"10.0.0.0/8"}, seen) == "- exclude4 { 10.1.0.0/24 . 172.16.0.0/12 }\n");
  CHECK(text_of("10.1.0.2/24", {}, seen) ==
        "- exclude4 { 10.1.0.0/24 . 10.0.0.0/8 }\n- exclude4 { 10.1.0.0/24 . 172.16.0.0/12 }\n");
}

TEST_CASE("what a container left under its address goes over to the next one") {
  CHECK(text_of("10.1.0.2/32", {"10.0.0.0/8"}, {pair("10.1.0.2/32", "10.0.0.0/8", "n/gone/eth0")}) ==
        "- exclude4 { 10.1.0.2 . 10.0.0.0/8 }\n+ exclude4 { 10.1.0.2 . 10.0.0.0/8 comment \"n/c1/eth0\" }\n");
  CHECK(text_of("10.1.0.2/32", {"10.0.0.0/8"}, {pair("10.1.0.2/32", "10.0.0.0/8", "n/c1/eth0")}).empty());
}

TEST_CASE("what a network of another name excluded for the subnet goes, unless this one excludes it too") {
  const std::vector<ruleset::Element> seen{pair("10.1.0.0/24", "10.0.0.0/8", "renamed"),
                                           pair("10.1.0.0/24", "172.16.0.0/12", "renamed")};
  CHECK(text_of("10.1.0.2/24", {"10.0.0.0/8"}, seen) == "- exclude4 { 10.1.0.0/24 . 172.16.0.0/12 }\n");
}

TEST_CASE("a wider pair takes the place of those it covers, and one that is covered is not added") {
  CHECK(text_of("10.1.0.2/16", {"10.0.0.0/8"}, {pair("10.1.0.0/24", "10.7.0.0/16", "other")}) ==
        "- exclude4 { 10.1.0.0/24 . 10.7.0.0/16 }\n+ exclude4 { 10.1.0.0/16 . 10.0.0.0/8 comment \"n\" }\n");
  CHECK(text_of("10.1.0.2/24", {"10.7.0.0/16"}, {pair("10.1.0.0/16", "10.0.0.0/8", "other")}).empty());
}

TEST_CASE("a pair that crosses another network's is refused by name") {
  CHECK_THROWS_WITH_AS(text_of("10.1.0.2/24", {"10.0.0.0/8"}, {pair("10.1.0.0/16", "10.7.0.0/16", "other")}),
                       "masquerade.exclude: 10.1.0.0/24 . 10.0.0.0/8 overlaps 10.1.0.0/16 . 10.7.0.0/16, which network "
                       "other excludes; nf_tables takes no two that overlap: File exists",
                       std::system_error);
}

// SPDX-License-Identifier: Apache-2.0
#include "lib/plan/elements.h"

#include <doctest/doctest.h>

namespace {

nft::Value address(const std::string& text) { return nft::value(net::Address::parse(text).value()); }

ruleset::Element element(const std::string& set, const std::string& key, const std::string& comment = {}) {
  return {set, {address(key)}, {}, comment};
}

}  // namespace

TEST_CASE("an element is found by its set and key, whatever else it holds") {
  const std::vector<ruleset::Element> elements{element("masq4", "10.1.0.2", "n/c1/eth0"),
                                               element("snat4", "10.1.0.2", "x")};
  const plan::Index index(elements);
  CHECK(index.find(element("masq4", "10.1.0.2")) == &elements[0]);
  CHECK(index.find(element("snat4", "10.1.0.2")) == &elements[1]);
  CHECK(index.find(element("masq4", "10.1.0.3")) == nullptr);
  CHECK(index.find(element("masq6", "fd00::2")) == nullptr);
}

TEST_CASE("the first of several elements with one key is found") {
  const std::vector<ruleset::Element> elements{element("masq4", "10.1.0.2", "a"), element("masq4", "10.1.0.2", "b")};
  CHECK(plan::Index(elements).find(elements[1]) == &elements[0]);
}

TEST_CASE("names and numbers in keys are distinguished") {
  const std::vector<ruleset::Element> elements{
      {"owners4", {std::string("vethx"), nft::Mark{1}}, {}, {}},
      {"local4", {*net::Prefix::parse("10.1.0.0/24"), address("10.1.0.0")}, {}, {}}};
  const plan::Index index(elements);
  CHECK(index.find({"owners4", {std::string("vethx"), nft::Mark{11}}, {}, {}}) == nullptr);
  CHECK(index.find({"owners4", {std::string("vethx1"), nft::Mark{1}}, {}, {}}) == nullptr);
  CHECK(index.find({"local4", {address("10.1.0.0"), address("10.1.0.0")}, {}, {}}) == nullptr);
  CHECK(index.find(elements[0]) == elements.data());
}

TEST_CASE("a wanted element replaces the present one unless they are equal") {
  const auto replaced = [](const std::vector<ruleset::Element>& seen) {
    plan::Plan plan;
    replace(plan, element("masq4", "10.1.0.2", "n/c1/eth0"), plan::Index(seen));
    return plan::text(plan);
  };
  const std::string added = "nft add element inet footbridge masq4 { 10.1.0.2 comment \"n/c1/eth0\" }\n";
  CHECK(replaced({}) == added);
  CHECK(replaced({element("masq4", "10.1.0.3", "n/c1/eth0")}) == added);
  CHECK(replaced({element("masq4", "10.1.0.2", "n/c1/eth0")}) == "");
  CHECK(replaced({element("masq4", "10.1.0.2", "n/c2/eth0")}) ==
        "nft delete element inet footbridge masq4 { 10.1.0.2 }\n" + added);
}

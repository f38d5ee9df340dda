// SPDX-License-Identifier: Apache-2.0
#include "lib/ruleset/table.h"

#include <algorithm>

#include <doctest/doctest.h>

#include "tests/netns/lib/ruleset.h"

using ruleset::AddElement;
using ruleset::Change;
using ruleset::RemoveElement;
using test::failure_of;
using test::local_pair;
using test::masqueraded;
using test::TablePlace;

namespace {

std::string raced(const std::function<void()>& function) {
  try {
    function();
  } catch (const nft::Raced& error) {
    return error.what();
  }
  return "";
}

}  // namespace

TEST_CASE("without a table nothing is found, listed or removed") {
  const TablePlace place;
  CHECK(!place.table.find("masq4", {nft::value(test::address("10.1.0.2"))}));
  CHECK(place.table.list("masq4").empty());
  CHECK(!place.table.exists());
  CHECK(raced([&] { place.remove(masqueraded("10.1.0.2")); }).starts_with("delete element inet footbridge masq4"));
  CHECK(place.listed().empty());
}

TEST_CASE("without the set nothing is found or listed either") {
  const TablePlace place;
  place.host.run({"nft", "add table inet footbridge"});
  CHECK(!place.table.find("masq4", {nft::value(test::address("10.1.0.2"))}));
  CHECK(place.table.list("masq4").empty());
  CHECK(place.table.exists());
}

TEST_CASE("an element of every set is found by its key and listed, whole") {
  const TablePlace place;
  place.add(test::one_of_each());
  for (const ruleset::Element& element : test::one_of_each()) {
    CHECK_MESSAGE(place.table.find(element.set, element.key) == element, element.set);
    CHECK_MESSAGE(place.table.list(element.set) == std::vector{element}, element.set);
  }
}

TEST_CASE("an element with another key is not found") {
  const TablePlace place;
  place.add(test::one_of_each());
  CHECK(!place.table.find("masq4", {nft::value(test::address("10.1.0.3"))}));
  CHECK(!place.table.find("hostport4", {nft::Protocol{17}, nft::Port{8080}}));
  CHECK(!place.table.find("hostport4", {nft::Protocol{6}, nft::Port{8081}}));
  CHECK(!place.table.find("owners4", {std::string("vethx"), nft::Mark{1}}));
  CHECK(!place.table.find("owners4", {std::string("vethxy"), nft::Mark{0}}));
  CHECK(!place.table.find("publishers", {std::string("veth")}));
}

TEST_CASE("a set of thousands is listed whole") {
  const TablePlace place;
  std::vector<ruleset::Element> many;
  for (unsigned i = 0; i < 5000; ++i) {
    many.push_back(masqueraded("10.1." + std::to_string(i / 250) + "." + std::to_string(i % 250), "n/c1/eth0"));
  }
  place.add(many);
  CHECK(place.table.list("masq4").size() == many.size());
}

TEST_CASE("an element that is there already changes nothing of the transaction") {
  const TablePlace place;
  place.add({masqueraded("10.1.0.2")});
  const std::string before = place.listed();
  CHECK(raced([&] {
          place.add({masqueraded("10.1.0.3"), masqueraded("10.1.0.2", "n/c2/eth0"), masqueraded("10.1.0.4")});
        }) == "add element inet footbridge masq4 { 10.1.0.2 comment \"n/c2/eth0\" }: File exists");
  CHECK(place.listed() == before);
}

TEST_CASE("an element is removed by its key, once") {
  const TablePlace place;
  place.add({masqueraded("10.1.0.2"), masqueraded("10.1.0.3")});
  place.remove(masqueraded("10.1.0.2"));
  CHECK(place.table.list("masq4") == std::vector{masqueraded("10.1.0.3")});
  CHECK(!raced([&] { place.remove(masqueraded("10.1.0.2")); }).empty());
  CHECK(place.table.list("masq4") == std::vector{masqueraded("10.1.0.3")});
}

TEST_CASE("an element that is not there keeps the others from being removed") {
  const TablePlace place;
  place.add({masqueraded("10.1.0.2")});
  const std::vector<Change> changes{RemoveElement{masqueraded("10.1.0.2")}, RemoveElement{masqueraded("10.1.0.9")},
                                    AddElement{masqueraded("10.1.0.3")}};
  CHECK(raced([&] {
          place.table.apply(changes, std::nullopt);
        }).starts_with("delete element inet footbridge masq4 { 10.1.0.9 }"));
  CHECK(place.table.list("masq4") == std::vector{masqueraded("10.1.0.2")});
}

TEST_CASE("an element is put in place of another with its key in one transaction") {
  const TablePlace place;
  place.add(test::one_of_each());
  std::vector<Change> changes;
  for (ruleset::Element element : test::one_of_each()) {
    changes.emplace_back(RemoveElement{element});
    element.comment = "n/c2/eth0";
    changes.emplace_back(AddElement{element});
  }
  place.table.apply(changes, place.table.generation());
  for (const ruleset::Element& element : test::one_of_each()) {
    CHECK_MESSAGE(place.table.find(element.set, element.key)->comment == "n/c2/eth0", element.set);
  }
}

TEST_CASE("a pair is put in place of those that it covers, also of one added just before") {
  const TablePlace place;
  place.add({local_pair("10.1.0.0/24")});
  const std::vector<Change> changes{RemoveElement{local_pair("10.1.0.0/24")}, AddElement{local_pair("10.1.0.0/16")},
                                    RemoveElement{local_pair("10.1.0.0/16")}, AddElement{local_pair("10.0.0.0/8")}};
  place.table.apply(changes, place.table.generation());
  CHECK(place.table.list("local4") == std::vector{local_pair("10.0.0.0/8")});
}

TEST_CASE("a pair that overlaps another changes nothing") {
  const TablePlace place;
  place.add({local_pair("10.1.0.0/24")});
  CHECK(!raced([&] { place.add({masqueraded("10.1.0.2"), local_pair("10.1.0.0/16")}); }).empty());
  CHECK(place.table.list("masq4").empty());
  CHECK(place.table.list("local4") == std::vector{local_pair("10.1.0.0/24")});
}

TEST_CASE("every change is another generation, and reading is none") {
  const TablePlace place;
  const std::uint32_t first = place.table.generation();
  CHECK(place.table.generation() == first);
  place.add({masqueraded("10.1.0.2")});
  const std::uint32_t second = place.table.generation();
  CHECK(second != first);
  static_cast<void>(place.table.list("masq4"));
  CHECK(place.table.generation() == second);
  place.host.run({"nft", "add table inet other"});
  CHECK(place.table.generation() != second);
}

TEST_CASE("a transaction of another generation is refused, and changes nothing") {
  const TablePlace place;
  place.add({masqueraded("10.1.0.2")});
  const std::uint32_t seen = place.table.generation();
  place.add({masqueraded("10.1.0.3")});
  const std::string before = place.listed();
  CHECK(!raced([&] { place.remove(masqueraded("10.1.0.2"), seen); }).empty());
  CHECK(place.listed() == before);
  place.remove(masqueraded("10.1.0.2"), place.table.generation());
  CHECK(place.table.list("masq4") == std::vector{masqueraded("10.1.0.3")});
}

TEST_CASE("the socket is as good after a refusal as before") {
  const TablePlace place;
  std::vector<ruleset::Element> many;
  for (unsigned i = 0; i < 250; ++i) many.push_back(masqueraded("10.1.0." + std::to_string(i)));
  place.add(many);
  for (int i = 0; i < 3; ++i) CHECK(!raced([&] { place.add(many); }).empty());  // 250 failures each
  CHECK(place.table.list("masq4").size() == 250);
  place.add({masqueraded("10.2.0.1")});
  CHECK(place.table.find("masq4", {nft::value(test::address("10.2.0.1"))}));
}

TEST_CASE("thousands of ports are published in one transaction, refused in one and withdrawn in one") {
  const TablePlace place;
  std::vector<ruleset::Element> ports;
  std::vector<Change> removals;
  for (std::uint16_t port = 10000; port < 14000; ++port) {
    ports.push_back({"hostport4",
                     {nft::Protocol{6}, nft::Port{port}},
                     {nft::value(test::address("10.1.0.2")), nft::Port{port}},
                     std::string(120, 'n')});
    removals.emplace_back(RemoveElement{ports.back()});
  }
  place.add(ports);
  CHECK(place.table.list("hostport4").size() == ports.size());
  CHECK(!raced([&] { place.add(ports); }).empty());
  place.table.apply(removals, place.table.generation());
  CHECK(place.table.list("hostport4").empty());
}

TEST_CASE("what an operator puts into our sets is read without harm") {
  const TablePlace place;
  place.add({masqueraded("10.1.0.2"), local_pair("10.1.0.0/24")});
  place.host.run({"nft", "add element inet footbridge masq4 { 10.9.0.9 }"});
  place.host.run({"nft", "add element inet footbridge local4 { 10.9.0.5-10.9.0.8 . 192.168.0.0/16 }"});
  place.host.run(
      {"nft", "add element inet footbridge local4 { 10.8.0.0/16 . 192.168.0.0/16 comment \"to the office\" }"});
  place.host.run({"nft", "add element inet footbridge hostport4 { udp . 1 : 10.9.0.9 . 1 }"});
  const auto listed = place.table.list("masq4");
  CHECK(std::count(listed.begin(), listed.end(), masqueraded("10.9.0.9", "")) == 1);
  CHECK(listed.size() == 2);
  const auto pairs = place.table.list("local4");
  CHECK(pairs.size() == 2);  // the range is no prefix
  CHECK(std::count(pairs.begin(), pairs.end(),
                   ruleset::Element{
                       "local4", {test::prefix("10.8.0.0/16"), test::prefix("192.168.0.0/16")}, {}, "to the office"}) ==
        1);
  CHECK(place.table.list("hostport4").at(0).comment == "");
  place.remove(masqueraded("10.1.0.2"), place.table.generation());
  CHECK(place.table.list("masq4") == std::vector{masqueraded("10.9.0.9", "")});
}

TEST_CASE("a pair is found by its own prefixes alone") {
  const TablePlace place;
  place.add({local_pair("10.1.0.0/24")});
  CHECK(place.table.find("local4", local_pair("10.1.0.0/24").key) == local_pair("10.1.0.0/24"));
  for (const char* other : {"10.1.0.0/16", "10.1.0.0/25", "10.1.0.0/32", "10.2.0.0/24"}) {
    CHECK_MESSAGE(!place.table.find("local4", local_pair(other).key), other);
  }
}

TEST_CASE("nothing to change is nothing done, and makes no table") {
  const TablePlace place;
  place.table.apply({}, std::nullopt);
  CHECK(place.listed().empty());
  CHECK(place.table.generation() == place.table.generation());
}

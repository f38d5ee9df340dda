// SPDX-License-Identifier: Apache-2.0
// A set that is added to the list is collected from, without a further line of code.
#include <array>

#include <doctest/doctest.h>

#include "lib/attachment/abandoned.h"
#include "tests/netns/lib/ruleset.h"

using ruleset::Lifetime;
using ruleset::Part;
using test::masqueraded;

namespace {

const net::Owner kDead{"n", "c1", "eth0"};
const net::Owner kAlive{"n", "c2", "eth0"};
constexpr std::array kParts{Part::masquerade};

ruleset::Set made_up(const std::string& name, Part part, Lifetime lifetime) {
  return {{name, {nft::Type::ipv4_addr}, {}, false, "made up"}, part, lifetime};
}

ruleset::Element element(const std::string& set, const net::Owner& owner, const std::string& address) {
  return {set, {nft::value(test::address(address))}, {}, owner.comment()};
}

std::vector<std::string> sets_of(const attachment::AbandonedElements& abandoned) {
  std::vector<std::string> names;
  for (const ruleset::Element& one : abandoned.elements) names.push_back(one.set);
  return names;
}

}  // namespace

TEST_CASE("GC collects from a set that only the list knows, by its part and its lifetime") {
  test::TablePlace place;
  std::vector<ruleset::Set> sets(ruleset::sets().begin(), ruleset::sets().end());
  sets.push_back(made_up("madeup", Part::masquerade, Lifetime::attachment));
  sets.push_back(made_up("otherpart", Part::port, Lifetime::attachment));
  sets.push_back(made_up("lasting", Part::masquerade, Lifetime::network));
  const ruleset::Table table(place.socket, sets);
  table.apply(std::vector<ruleset::Change>{ruleset::AddElement{masqueraded("10.1.0.2", kDead.comment())}}, {});
  for (const char* name : {"madeup", "otherpart", "lasting"}) {
    place.host.run({"nft", "add", "set", "inet", "footbridge", name, "{ type ipv4_addr; }"});
    table.apply(std::vector<ruleset::Change>{ruleset::AddElement{element(name, kDead, "10.1.0.2")},
                                             ruleset::AddElement{element(name, kAlive, "10.1.0.3")}},
                {});
  }
  const net::Attachments alive("n", {kAlive});
  const auto abandoned = attachment::observe_abandoned_elements(table, alive, kParts);
  CHECK(sets_of(abandoned) == std::vector<std::string>{"masq4", "madeup"});

  std::vector<ruleset::Change> changes;
  for (const plan::Step& step : attachment::plan_collect(abandoned).steps) {
    changes.push_back(std::get<ruleset::Change>(step.what));
  }
  table.apply(changes, abandoned.generation);
  CHECK(table.list("masq4").empty());
  REQUIRE(table.list("madeup").size() == 1);
  CHECK(table.list("madeup").front().comment == kAlive.comment());
  CHECK(table.list("otherpart").size() == 2);
  CHECK(table.list("lasting").size() == 2);
}

TEST_CASE("an element of a made-up set of the bridge table needs no other table") {
  test::TablePlace place;
  std::vector<ruleset::Set> sets(ruleset::sets().begin(), ruleset::sets().end());
  sets.push_back(made_up("madeup", Part::source_check, Lifetime::attachment));
  sets.back().family = nft::TableFamily::bridge;
  place.host.run({"nft", "add", "table", "bridge", "footbridge"});
  place.host.run({"nft", "add", "set", "bridge", "footbridge", "madeup", "{ type ipv4_addr; }"});
  const ruleset::Table table(place.socket, sets);
  table.apply(std::vector<ruleset::Change>{ruleset::AddElement{element("madeup", kAlive, "10.1.0.3")}}, {});
  CHECK(table.list("madeup").size() == 1);
  CHECK(place.host.try_run({}, {"nft", "list", "table", "inet", "footbridge"}).exit_code != 0);
}

// SPDX-License-Identifier: Apache-2.0
// Rules of tables that are not ours, as nft(8) and iptables(8) write them.
#include <linux/netfilter.h>

#include <doctest/doctest.h>

#include "lib/foreign/rule.h"
#include "tests/netns/lib/ruleset.h"

using foreign::Chain;
using foreign::Rule;
using ruleset::Change;
using test::TablePlace;

namespace {

const Chain kChain{NFPROTO_INET, "theirs", "one"};

void make_tables(const TablePlace& place) {
  const auto made = place.host.try_run({}, {"nft", "-f", "-"}, R"(
    table inet theirs {
      chain two {
        tcp dport 1 accept comment "inside"
      }
      chain one {
        tcp dport 80 accept comment "first"
        tcp dport 81 jump two
        accept
      }
    })");
  REQUIRE_MESSAGE(made.exit_code == 0, made.err);
}

}  // namespace

TEST_CASE("nothing is found where nothing is") {
  TablePlace place;
  const std::vector<Chain> chains{kChain, {NFPROTO_IPV4, "nat", "POSTROUTING"}};
  CHECK(foreign::present_chains(place.socket, chains).empty());
  CHECK(foreign::list_rules(place.socket, kChain).empty());
}

TEST_CASE("rules are read with their comments and where they lead to") {
  TablePlace place;
  make_tables(place);
  const std::vector<Chain> asked{kChain, {NFPROTO_INET, "theirs", "three"}, {NFPROTO_IPV4, "theirs", "one"}};
  CHECK(foreign::present_chains(place.socket, asked) == std::vector<Chain>{kChain});
  const std::vector<Rule> rules = foreign::list_rules(place.socket, kChain);
  REQUIRE(rules.size() == 3);
  CHECK(rules[0].comment == "first");
  CHECK(rules[0].target.empty());
  CHECK(rules[1].target == "two");
  CHECK(rules[1].chain == kChain);
  CHECK(foreign::list_rules(place.socket, {NFPROTO_INET, "theirs", {}}).size() == 4);
}

TEST_CASE("iptables' comments and jumps are read alike") {
  TablePlace place;
  const auto iptables = [&](std::vector<std::string> words) {
    words.insert(words.begin(), {"iptables-nft", "-t", "nat"});
    place.host.run(words);
  };
  iptables({"-N", "CNI-x"});
  iptables(
      {"-A", "CNI-x", "-d", "10.1.0.0/24", "-j", "ACCEPT", "-m", "comment", "--comment", "name: \"n\" id: \"c1\""});
  iptables(
      {"-A", "POSTROUTING", "-s", "10.1.0.2", "-j", "CNI-x", "-m", "comment", "--comment", "name: \"n\" id: \"c1\""});
  const auto rules = foreign::list_rules(place.socket, {NFPROTO_IPV4, "nat", "POSTROUTING"});
  REQUIRE(rules.size() == 1);
  CHECK(rules[0].comment == "name: \"n\" id: \"c1\"");
  CHECK(rules[0].target == "CNI-x");
}

TEST_CASE("the ports of iptables' multiport are read, those that it excludes are not") {
  TablePlace place;
  const auto rules_with = [&](const std::string& words) {
    place.host.run(
        {"sh", "-c", "iptables-nft -t nat -F OUTPUT; iptables-nft -t nat -A OUTPUT -p tcp -m multiport " + words});
    return foreign::list_rules(place.socket, {NFPROTO_IPV4, "nat", "OUTPUT"});
  };
  const auto ports = rules_with("--destination-ports 80,8080");
  REQUIRE(ports.size() == 1);
  CHECK(ports[0].mentions(80));
  CHECK(ports[0].mentions(8080));
  CHECK(!ports[0].mentions(0));
  CHECK(!rules_with("! --destination-ports 80,8080").at(0).mentions(80));
  CHECK(!rules_with("--source-ports 80,8080").at(0).mentions(80));
}

TEST_CASE("a rule and a chain with its rules go in one transaction; the rest stays") {
  TablePlace place;
  make_tables(place);
  const std::vector<Rule> rules = foreign::list_rules(place.socket, kChain);
  const std::vector<Change> changes{foreign::RemoveRule{rules.at(1)},
                                    foreign::RemoveChain{{NFPROTO_INET, "theirs", "two"}}};
  place.table.apply(changes, std::nullopt);
  CHECK(foreign::list_rules(place.socket, {NFPROTO_INET, "theirs", {}}).size() == 2);
  CHECK(foreign::present_chains(place.socket, std::vector<Chain>{{NFPROTO_INET, "theirs", "two"}}).empty());
  CHECK(place.listed().empty());  // no table of ours is made for it
}

TEST_CASE("what has gone meanwhile is a race, and a chain that something leads to stays") {
  TablePlace place;
  make_tables(place);
  const Rule rule = foreign::list_rules(place.socket, kChain).at(0);
  const std::vector<Change> change{foreign::RemoveRule{rule}};
  place.table.apply(change, std::nullopt);
  CHECK_THROWS_AS(place.table.apply(change, std::nullopt), nft::Raced);
  const std::vector<Change> in_use{foreign::RemoveChain{{NFPROTO_INET, "theirs", "two"}}};
  CHECK(test::failure_of([&] { place.table.apply(in_use, std::nullopt); }).find("busy") != std::string::npos);
  CHECK(foreign::list_rules(place.socket, {NFPROTO_INET, "theirs", "two"}).size() == 1);
}

TEST_CASE("rehearsing makes nothing, and neither a whole table nor a damaged one is changed by it") {
  TablePlace place;
  const std::uint32_t generation = place.table.generation();
  place.table.dry_run();
  CHECK(place.listed().empty());
  CHECK(place.table.generation() == generation);
  place.add({test::masqueraded("10.1.0.2")});
  place.host.run({"nft", "flush", "chain", "inet", "footbridge", "postrouting"});
  const std::string damaged = place.listed();
  place.table.dry_run();
  CHECK(place.listed() == damaged);
  CHECK(!place.table.is_intact());
}

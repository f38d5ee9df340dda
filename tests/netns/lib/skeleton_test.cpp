// SPDX-License-Identifier: Apache-2.0
// The tables as an operator reads them: `nft list table inet footbridge`, and bridge, against the texts in lib/nft.
#include "lib/ruleset/skeleton.h"

#include <map>
#include <regex>
#include <sstream>

#include <doctest/doctest.h>

#include "lib/ruleset/sets.h"
#include "tests/netns/lib/ruleset.h"

using test::TablePlace;

namespace {

using Blocks = std::map<std::string, std::vector<std::string>>;

// The lines of each "chain NAME {", "set NAME {" and "map NAME {" of a listed table, without their indentation.
Blocks blocks_of(const std::string& listing) {
  Blocks blocks;
  std::istringstream lines(listing);
  std::string block;
  for (std::string line; std::getline(lines, line);) {
    line.erase(0, line.find_first_not_of(" \t"));
    if (line.ends_with(" {") && !line.starts_with("table ")) {
      block = line.substr(0, line.size() - 2);
      blocks[block];
    } else if (line == "}") {
      block.clear();
    } else if (!block.empty()) {
      blocks[block].push_back(line);
    }
  }
  return blocks;
}

std::vector<std::string> texts_of(nft::TableFamily family, const std::string& chain) {
  std::vector<std::string> texts;
  for (const nft::Rule& rule : ruleset::rules(family)) {
    if (rule.chain == chain) texts.push_back(rule.text);
  }
  return texts;
}

std::vector<std::string> rules_in(const Blocks& blocks, const std::string& chain) {
  std::vector<std::string> rules;
  for (const std::string& line : blocks.at("chain " + chain)) {
    if (!line.starts_with("comment ") && !line.starts_with("type ")) rules.push_back(line);
  }
  return rules;
}

bool has_line(const std::vector<std::string>& lines, const std::string& wanted) {
  return std::find(lines.begin(), lines.end(), wanted) != lines.end();
}

std::string text(const std::vector<std::string>& lines) {
  std::string all;
  for (const std::string& line : lines) all += line + "\n";
  return all;
}

}  // namespace

TEST_CASE("the first element makes the whole table, with its comment") {
  const TablePlace place;
  CHECK(place.listed().empty());
  CHECK(!place.table.exists());
  place.add({test::masqueraded("10.1.0.2")});
  CHECK(place.listed().starts_with("table inet footbridge {\n\tcomment \"" +
                                   std::string(ruleset::table_comment(nft::TableFamily::inet)) + "\"\n"));
  CHECK(place.table.is_intact());
}

TEST_CASE("nft prints the rules as their code says, in order") {
  const TablePlace place;
  place.add(test::one_of_each());
  for (const nft::TableFamily family : nft::kTableFamilies) {
    const Blocks blocks = blocks_of(place.listed(family));
    std::size_t count = 0;
    for (const nft::Chain& chain : ruleset::chains(family)) {
      CHECK(text(rules_in(blocks, chain.name)) == text(texts_of(family, chain.name)));
      count += texts_of(family, chain.name).size();
    }
    CHECK(count == ruleset::rules(family).size());
  }
}

TEST_CASE("the chains are where they belong, and say what they are for") {
  const TablePlace place;
  place.add({test::masqueraded("10.1.0.2")});
  const Blocks blocks = blocks_of(place.listed());
  const auto has = [&](const std::string& chain, const std::string& line) {
    return has_line(blocks.at("chain " + chain), line);
  };
  CHECK(has("guard", "type filter hook prerouting priority raw; policy accept;"));
  CHECK(has("prerouting", "type nat hook prerouting priority dstnat + 10; policy accept;"));
  CHECK(has("output", "type nat hook output priority -90; policy accept;"));
  CHECK(has("postrouting", "type nat hook postrouting priority srcnat; policy accept;"));
  for (const nft::Chain& chain : ruleset::chains(nft::TableFamily::inet)) {
    CHECK_MESSAGE(has(chain.name, "comment \"" + std::string(chain.comment) + "\""), chain.name);
  }
}

TEST_CASE("the chains of the bridge table are where they belong, and say what they are for") {
  const TablePlace place;
  place.add(test::one_of_each());
  CHECK(place.listed(nft::TableFamily::bridge)
            .starts_with("table bridge footbridge {\n\tcomment \"" +
                         std::string(ruleset::table_comment(nft::TableFamily::bridge)) + "\"\n"));
  const Blocks blocks = blocks_of(place.listed(nft::TableFamily::bridge));
  const auto has = [&](const std::string& chain, const std::string& line) {
    return has_line(blocks.at("chain " + chain), line);
  };
  CHECK(has("prerouting", "type filter hook prerouting priority dstnat; policy accept;"));
  CHECK(has("input", "type filter hook input priority -300; policy accept;"));
  for (const nft::Chain& chain : ruleset::chains(nft::TableFamily::bridge)) {
    CHECK_MESSAGE(has(chain.name, "comment \"" + std::string(chain.comment) + "\""), chain.name);
  }
}

TEST_CASE("the sets and maps have the types that nft knows, and say what they are for") {
  const TablePlace place;
  place.add(test::one_of_each());
  Blocks blocks = blocks_of(place.listed());
  blocks.merge(blocks_of(place.listed(nft::TableFamily::bridge)));
  const auto type = [&](const std::string& name) {
    for (const std::string& line : blocks.at(name)) {
      if (line.starts_with("type")) return line;
    }
    return std::string("none");
  };
  CHECK(type("set masq4") == "type ipv4_addr");
  CHECK(type("set masq6") == "type ipv6_addr");
  CHECK(type("set snat4") == "type ipv4_addr");
  CHECK(type("set local4") == "type ipv4_addr . ipv4_addr");
  CHECK(type("set local6") == "type ipv6_addr . ipv6_addr");
  CHECK(type("map hostport4") == "type inet_proto . inet_service : ipv4_addr . inet_service");
  CHECK(type("map hostip6") == "type ipv6_addr . inet_proto . inet_service : ipv6_addr . inet_service");
  CHECK(type("map owners4") == "type ifname . mark : ipv4_addr");
  CHECK(type("map publishers") == "type ifname : mark");
  CHECK(type("map source4") == "type ipv4_addr : ipv4_addr");
  CHECK(type("set exclude6") == "type ipv6_addr . ipv6_addr");
  CHECK(type("set localnet") == "type ifname");
  CHECK(type("set macs") == "type ifname . ether_addr");
  CHECK(type("set ips6") == "type ifname . ipv6_addr");
  CHECK(type("set targets6") == "typeof iifname . @nh,384,128");
  CHECK(type("map macof") == "type ifname : ether_addr");
  CHECK(type("map ipsof4") == "type ifname . mark : ipv4_addr");
  CHECK(has_line(blocks.at("set local4"), "flags interval"));
  CHECK(!has_line(blocks.at("set masq4"), "flags interval"));
  for (const nft::Set& set : ruleset::sets()) {
    const auto& lines = blocks.at((set.data.empty() ? "set " : "map ") + set.name);
    CHECK_MESSAGE(has_line(lines, "comment \"" + std::string(set.comment) + "\""), set.name);
  }
}

TEST_CASE("nft reads back what it lists: a saved ruleset loads at boot") {
  const TablePlace place;
  place.add(test::one_of_each());
  const ruleset::Conditions conditions{net::Family::v4,
                                       {{ruleset::Subject::source, true, test::prefix("10.0.0.0/8")},
                                        {ruleset::Subject::input, true, std::string("eth*")}}};
  place.table.apply(std::vector<ruleset::Change>{ruleset::AddConditions{conditions}}, std::nullopt);
  const std::string listing = place.listed();
  place.host.run({"nft", "delete", "table", "inet", "footbridge"});
  const auto loaded = place.host.try_run({}, {"nft", "-f", "-"}, listing);
  CHECK_MESSAGE(loaded.exit_code == 0, loaded.err);
  CHECK(place.table.is_intact());
  const auto found = place.table.list_conditions();
  REQUIRE(found.size() == 1);
  CHECK(found.front().conditions == conditions);
  CHECK(found.front().rule.has_value());
}

TEST_CASE("every element is printed by nft as its text says") {
  const TablePlace place;
  place.add(test::one_of_each());
  const std::string listing =
      std::regex_replace(place.listed() + place.listed(nft::TableFamily::bridge), std::regex(",?\n\t+"), " ");
  const auto printed = [&](const std::string& element) { return listing.find(element) != std::string::npos; };
  CHECK(printed("elements = { 10.1.0.2 comment \"n/c1/eth0\" }"));
  CHECK(printed("elements = { 10.1.0.0/24 . 10.1.0.0/24 comment \"n\" }"));
  CHECK(printed("elements = { tcp . 8080 comment \"n/c1/eth0\" : 10.1.0.2 . 80 }"));
  CHECK(printed("elements = { 192.168.1.2 . tcp . 8080 comment \"n/c1/eth0\" : 10.1.0.2 . 80 }"));
  CHECK(printed("elements = { fd99::2 . tcp . 8080 comment \"n/c1/eth0\" : fd00::2 . 80 }"));
  CHECK(printed("elements = { \"cni0\" }"));
  CHECK(printed("elements = { \"vethx\" . 0a:58:0a:01:00:02 comment \"n/c1/eth0\" }"));
  CHECK(printed("elements = { \"vethx\" . fd00::2 comment \"n/c1/eth0\" }"));
  CHECK(printed("elements = { \"vethx\" . 0xfd000000000000000000000000000002 comment \"n/c1/eth0\" }"));
  CHECK(printed("elements = { \"vethx\" comment \"n/c1/eth0\" : 0a:58:0a:01:00:02 }"));
}

TEST_CASE("what is planned can be typed: nft makes the same of the same words") {
  const TablePlace place;
  place.add({test::masqueraded("10.7.7.7"), {"checked", {std::string("vethy")}, {}, "n/c7/eth0"}});
  for (const ruleset::Element& element : test::one_of_each()) {
    const std::string words = ruleset::text(ruleset::AddElement{element});
    const os::ProcessOutput typed = place.host.try_run({}, {"nft", words});
    CHECK_MESSAGE(typed.exit_code == 0, words << ": " << typed.err);
    CHECK_MESSAGE(place.table.find(element.set, element.key) == element, words);
    const std::string removal = ruleset::text(ruleset::RemoveElement{element});
    CHECK_MESSAGE(place.host.try_run({}, {"nft", removal}).exit_code == 0, removal);
    CHECK_MESSAGE(!place.table.find(element.set, element.key), removal);
  }
}

TEST_CASE("a listing can be fed back to nft, which makes the same table of it") {
  const TablePlace place;
  place.add(test::one_of_each());
  const std::string before = place.host.run({"nft", "list", "ruleset"});
  place.host.run({"nft", "flush", "ruleset"});
  const os::ProcessOutput output = place.host.try_run({}, {"nft", "-f", "-"}, before);
  CHECK_MESSAGE(output.exit_code == 0, output.err);
  CHECK(place.host.run({"nft", "list", "ruleset"}) == before);
  for (const nft::TableFamily family : nft::kTableFamilies) CHECK(place.table.is_intact(family));
  for (const ruleset::Element& element : test::one_of_each()) {
    CHECK_MESSAGE(place.table.find(element.set, element.key) == element, element.set);
  }
}

TEST_CASE("nft prints conditions as their text says, and the table is mended with them") {
  const TablePlace place;
  const ruleset::Conditions conditions{net::Family::v4,
                                       {{ruleset::Subject::source, true, test::prefix("10.9.0.0/16")},
                                        {ruleset::Subject::source, false, test::prefix("10.0.0.0/7")},
                                        {ruleset::Subject::destination, false, test::prefix("192.168.1.2/32")},
                                        {ruleset::Subject::input, false, std::string("eth*")},
                                        {ruleset::Subject::output, true, std::string("lo")}}};
  const ruleset::Conditions v6{net::Family::v6,
                               {{ruleset::Subject::source, true, test::prefix("fd00::/9")},
                                {ruleset::Subject::destination, true, test::prefix("2001:db8::1/128")}}};
  const ruleset::Conditions ranges4{
      net::Family::v4,
      {{ruleset::Subject::source, true, ruleset::AddressRange{test::address("10.0.0.3"), test::address("10.0.0.9")}},
       {ruleset::Subject::mark, false, ruleset::MaskedMark{0x10, 0xff}},
       {ruleset::Subject::mark, true, ruleset::MaskedMark{7}}}};
  const ruleset::Conditions ranges6{net::Family::v6,
                                    {{ruleset::Subject::mark, false, ruleset::MaskedMark{7}},
                                     {ruleset::Subject::mark, true, ruleset::MaskedMark{0x10, 0xff}},
                                     {ruleset::Subject::destination, false,
                                      ruleset::AddressRange{test::address("fd00::3"), test::address("fd00::9")}}}};
  const ruleset::Element element{conditions.map_name(),
                                 {nft::Protocol{6}, nft::Port{8080}},
                                 {nft::value(test::address("10.1.0.2")), nft::Port{80}},
                                 "n/c1/eth0"};
  const std::vector<ruleset::Change> changes{ruleset::AddConditions{conditions}, ruleset::AddConditions{v6},
                                             ruleset::AddConditions{ranges4}, ruleset::AddConditions{ranges6},
                                             ruleset::AddElement{element}};
  place.table.apply(changes, std::nullopt);
  const std::vector<std::string> expected{conditions.rule().text, v6.rule().text, ranges4.rule().text,
                                          ranges6.rule().text};
  CHECK(text(rules_in(blocks_of(place.listed()), "conditions")) == text(expected));
  CHECK(has_line(blocks_of(place.listed()).at("map " + conditions.map_name()),
                 "type inet_proto . inet_service : ipv4_addr . inet_service"));
  CHECK(place.table.list_conditions().size() == 4);
  CHECK_THROWS_AS(place.table.apply(changes, std::nullopt), nft::Raced);

  place.host.run({"nft", "flush table inet footbridge"});
  CHECK(!place.table.list_conditions()[0].rule);
  place.add({test::masqueraded("10.1.0.2")});
  CHECK(text(rules_in(blocks_of(place.listed()), "conditions")) == text(expected));
  CHECK(place.table.find(conditions.map_name(), element.key) == element);

  place.remove(element);
  for (const auto& seen : place.table.list_conditions()) {
    const std::vector<ruleset::Change> removal{ruleset::RemoveConditions{seen.conditions.map_name(), seen.rule}};
    place.table.apply(removal, place.table.generation());
  }
  CHECK(place.table.list_conditions().empty());
  CHECK(place.listed().find("when") == std::string::npos);
}

// SPDX-License-Identifier: Apache-2.0
// Concurrent writers of one table, and tables with other layouts.
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <sstream>
#include <system_error>

#include <doctest/doctest.h>

#include "lib/plan/kernel.h"
#include "lib/ruleset/transaction.h"
#include "tests/netns/lib/ruleset.h"

using test::failure_of;
using test::masqueraded;
using test::TablePlace;

namespace {

// Runs the function in that many processes at once. Returns the number of processes in which it failed.
int failures_in(int processes, const std::function<void(int)>& function) {
  std::vector<pid_t> children;
  for (int i = 0; i < processes; ++i) {
    const pid_t child = ::fork();
    if (child == 0) {
      try {
        function(i);
      } catch (...) {
        ::_exit(1);
      }
      ::_exit(0);
    }
    children.push_back(child);
  }
  int failed = 0;
  for (const pid_t child : children) {
    int status = -1;
    ::waitpid(child, &status, 0);
    failed += status == 0 ? 0 : 1;
  }
  return failed;
}

std::string address_of(int process) { return "10.1.0." + std::to_string(process); }

// A table's listing without its elements.
std::string skeleton_of(const std::string& listing) {
  std::string result;
  bool is_element = false;
  for (std::size_t at = 0; at < listing.size();) {
    const std::size_t end = listing.find('\n', at);
    const std::string line = listing.substr(at, end - at);
    is_element = is_element || line.find("elements = {") != std::string::npos;
    if (!is_element) result += line + "\n";
    if (is_element && line.ends_with("}")) is_element = false;
    at = end + 1;
  }
  return result;
}

std::vector<std::string> sorted_lines(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  std::sort(lines.begin(), lines.end());
  return lines;
}

std::string skeleton_alone() {
  const TablePlace place;
  place.add({masqueraded("10.1.0.2")});
  return skeleton_of(place.listed());
}

}  // namespace

TEST_CASE("sixteen concurrent processes create one table, and each adds its element") {
  const std::string expected = skeleton_alone();
  const TablePlace place;
  const int failed = failures_in(16, [](int process) {
    plan::Kernel kernel;
    kernel.apply_with_retry([&] {
      plan::Plan plan;
      plan.add(masqueraded(address_of(process), "n/c" + std::to_string(process) + "/eth0"));
      return plan;
    });
  });
  CHECK(failed == 0);
  CHECK(place.table.list("masq4").size() == 16);
  CHECK(skeleton_of(place.listed()) == expected);
}

TEST_CASE("sixteen processes that replace elements concurrently all succeed") {
  const TablePlace place;
  std::vector<ruleset::Element> before;
  for (int i = 0; i < 16; ++i) before.push_back(masqueraded(address_of(i)));
  place.add(before);
  const int failed = failures_in(16, [](int process) {
    plan::Kernel kernel;
    kernel.apply_with_retry([&] {
      plan::Plan plan;
      const std::uint32_t generation = kernel.table().generation();
      const auto present = kernel.table().find("masq4", masqueraded(address_of(process)).key);
      if (present) plan.remove(*present);
      plan.add(masqueraded(address_of(process), "after"));
      guard(plan, generation);
      return plan;
    });
  });
  CHECK(failed == 0);
  const auto after = place.table.list("masq4");
  CHECK(after.size() == 16);
  CHECK(std::all_of(after.begin(), after.end(), [](const auto& element) { return element.comment == "after"; }));
}

TEST_CASE("a table of an older layout is repaired, and keeps its elements and foreign objects") {
  const std::string expected = skeleton_alone();
  const TablePlace place;
  place.host.run({"nft",
                  "add table inet footbridge { comment \"NAT and firewall for containers, made by Footbridge\"; }; "
                  "add set inet footbridge masq4 { type ipv4_addr; comment \"container addresses to masquerade towards "
                  "the outside\"; }; "
                  "add chain inet footbridge postrouting { type nat hook postrouting priority 7; comment \"older\"; }; "
                  "add rule inet footbridge postrouting ip saddr @masq4 masquerade; "
                  "add element inet footbridge masq4 { 10.1.0.2 comment \"n/c1/eth0\" }; "
                  "add chain inet footbridge mine; add rule inet footbridge mine tcp dport 7 drop"});
  place.add({masqueraded("10.1.0.3", "n/c2/eth0")});
  CHECK(place.table.is_intact());
  CHECK(place.host.run({"nft", "list", "chain", "inet", "footbridge", "mine"}).find("tcp dport 7 drop") !=
        std::string::npos);
  place.host.run({"nft", "flush chain inet footbridge mine; delete chain inet footbridge mine"});
  CHECK(sorted_lines(skeleton_of(place.listed())) == sorted_lines(expected));
  CHECK(place.table.list("masq4").size() == 2);
  CHECK(place.table.find("masq4", masqueraded("10.1.0.2").key) == masqueraded("10.1.0.2"));
}

TEST_CASE("a repaired table of another layout keeps all elements") {
  const TablePlace place;
  std::vector<ruleset::Element> all = test::one_of_each();
  for (unsigned i = 0; i < 3000; ++i) {
    all.push_back(
        masqueraded("10.2." + std::to_string(i / 250) + "." + std::to_string(i % 250), std::string(120, 'n')));
  }
  place.add(all);
  std::string listing = place.listed();
  listing.replace(listing.find("layout 2"), 8, "layout 0");
  place.host.run({"nft", "delete", "table", "inet", "footbridge"});
  REQUIRE(place.host.try_run({}, {"nft", "-f", "-"}, listing).exit_code == 0);
  CHECK(!place.table.is_intact());
  place.add({masqueraded("10.7.7.7")});
  CHECK(place.table.is_intact());
  CHECK(place.table.list("masq4").size() == 3002);
  for (const ruleset::Element& element : test::one_of_each()) {
    CHECK_MESSAGE(place.table.find(element.set, element.key) == element, element.set);
  }
}

TEST_CASE("an empty table is repaired") {
  const TablePlace place;
  place.host.run({"nft", "add table inet footbridge"});
  place.add({masqueraded("10.1.0.2")});
  CHECK(place.table.is_intact());
}

TEST_CASE("a table that was flushed or lost a chain is not intact, and the next element repairs it") {
  const TablePlace place;
  CHECK(!place.table.is_intact());
  place.add({masqueraded("10.1.0.2")});
  CHECK(place.table.is_intact());
  const auto intact = sorted_lines(skeleton_of(place.listed()));
  const auto is_repaired_by = [&](const std::string& last_byte) {
    place.add({masqueraded("10.1.0." + last_byte)});
    return place.table.is_intact() && sorted_lines(skeleton_of(place.listed())) == intact;
  };
  place.host.run({"nft", "flush table inet footbridge"});
  CHECK(!place.table.is_intact());
  CHECK(is_repaired_by("3"));
  place.host.run({"nft", "flush chain inet footbridge guard"});
  CHECK(!place.table.is_intact());
  CHECK(is_repaired_by("4"));
  place.host.run({"nft", "flush chain inet footbridge output; delete chain inet footbridge output"});
  CHECK(!place.table.is_intact());
  CHECK(is_repaired_by("5"));
  place.host.run({"nft", "delete map inet footbridge publishers"});  // no rule uses it
  CHECK(!place.table.is_intact());
  CHECK(is_repaired_by("6"));
  CHECK(place.table.list("masq4").size() == 5);
}

TEST_CASE("a deletion does not repair a table of another layout") {
  const TablePlace place;
  place.host.run({"nft",
                  "add table inet footbridge; add set inet footbridge masq4 { type ipv4_addr; }; "
                  "add element inet footbridge masq4 { 10.1.0.2 }"});
  place.remove(masqueraded("10.1.0.2", ""));
  CHECK(place.table.list("masq4").empty());
  CHECK(!place.table.is_intact());
}

TEST_CASE("creating a table that exists is a lost race") {
  TablePlace place;
  ruleset::Transaction transaction;
  transaction.add_table(nft::TableFamily::inet, true);
  transaction.commit(place.socket, std::nullopt);
  CHECK_THROWS_WITH_AS(transaction.commit(place.socket, std::nullopt), "add table inet footbridge: File exists",
                       nft::Raced);
}

TEST_CASE("a set of ours with a wrong type is a failure with that reason, not a race") {
  const TablePlace place;
  place.host.run({"nft", "add table inet footbridge"});
  for (const char* other :
       {"set inet footbridge exclude4 { type ipv4_addr; }",              // a shorter key
        "set inet footbridge exclude4 { type ipv4_addr . ipv4_addr; }",  // without intervals
        "map inet footbridge masq4 { type ipv4_addr : ipv4_addr; }", "set inet footbridge source4 { type ipv4_addr; }",
        "map inet footbridge hostport4 { type inet_proto . inet_service : ipv4_addr; }"}) {
    const std::string definition = other;
    place.host.run({"nft", "add " + definition});
    const std::string name = definition.substr(0, definition.find(" {"));
    const std::string set = "set" + name.substr(3);
    CHECK(failure_of([&] { place.add({masqueraded("10.1.0.2")}); }) ==
          "add " + set + ": a set of another type has that name: File exists");
    place.host.run({"nft", "delete " + name});
  }
  place.add({masqueraded("10.1.0.2")});
  CHECK(place.table.is_intact());
}

TEST_CASE("a chain or rule that the kernel does not support is a failure, not a race") {
  TablePlace place;
  ruleset::Transaction chain;
  chain.add_table(nft::TableFamily::inet, true);
  chain.add_chain({"c", "no-such-type", 0, 0, 0, ""});
  ruleset::Transaction rule;
  rule.add_table(nft::TableFamily::inet, true);
  rule.add_rule(nft::TableFamily::inet, {"no-such-chain", "drop", {}});
  for (const ruleset::Transaction* transaction : {&chain, &rule}) {
    CHECK_THROWS_AS(transaction->commit(place.socket, std::nullopt), std::system_error);
  }
  CHECK(place.listed().empty());
}

// SPDX-License-Identifier: Apache-2.0
// The rules without the kernel. tests/netns/lib compares them with nft's listing.
#include "lib/ruleset/skeleton.h"

#include <algorithm>
#include <regex>
#include <set>
#include <string>

#include <doctest/doctest.h>

#include "lib/nft/set.h"
#include "lib/ruleset/sets.h"

namespace {

std::vector<nft::Rule> all_rules() {
  std::vector<nft::Rule> all;
  for (const nft::TableFamily family : nft::kTableFamilies) {
    for (nft::Rule& rule : ruleset::rules(family)) all.push_back(std::move(rule));
  }
  return all;
}

}  // namespace

TEST_CASE("every rule is in a chain, and every chain has a rule or is open") {
  for (const nft::TableFamily family : nft::kTableFamilies) {
    std::set<std::string> all;
    std::set<std::string> used;
    for (const nft::Chain& chain : ruleset::chains(family)) {
      CHECK_MESSAGE(all.insert(chain.name).second, chain.name);
      CHECK(chain.family == family);
      if (chain.is_open) used.insert(chain.name);
    }
    for (const nft::Rule& rule : ruleset::rules(family)) {
      CHECK_MESSAGE(all.contains(rule.chain), rule.text);
      CHECK_MESSAGE(!rule.expressions.empty(), rule.text);
      used.insert(rule.chain);
    }
    CHECK(used == all);
  }
}

TEST_CASE("the first chain of a table states the version of the skeleton") {
  for (const nft::TableFamily family : nft::kTableFamilies) {
    const auto chains = ruleset::chains(family);
    if (!chains.empty()) CHECK(chains[0].comment.find("; layout ") != std::string_view::npos);
  }
}

TEST_CASE("every set in a rule's text exists and is used in its expressions") {
  const std::regex reference("@([a-z0-9]+)\\b(?!,)");  // "@nh,384,128" are bytes of the packet
  for (const nft::Rule& rule : all_rules()) {
    std::multiset<std::string> named;
    const std::string text(rule.text);
    for (std::sregex_iterator at(text.begin(), text.end(), reference), end; at != end; ++at) named.insert((*at)[1]);
    std::multiset<std::string> looked_up;
    for (const nft::Expression& expression : rule.expressions) {
      if (std::string(nftnl_expr_get_str(expression.get(), NFTNL_EXPR_NAME)) != "lookup") continue;
      looked_up.insert(nftnl_expr_get_str(expression.get(), NFTNL_EXPR_LOOKUP_SET));
    }
    CHECK_MESSAGE(named == looked_up, text);
    for (const std::string& name : named) CHECK_NOTHROW(ruleset::set_named(name));
  }
}

TEST_CASE("the rules of both families are the same") {
  std::multiset<std::string> v4;
  std::multiset<std::string> v6;
  const auto as_v4 = [](const std::string& text) {
    return std::regex_replace(std::regex_replace(text, std::regex("\\bip6"), "ip"), std::regex("6"), "4");
  };
  for (const nft::Rule& rule : ruleset::nat_rules()) {
    const bool is_alone =
        std::regex_search(rule.text, std::regex("127\\.0|::1 |224\\.0|ff00::|^fib|^jump|^ct status dnat jump"));
    if (is_alone) continue;
    const bool is_v6 = rule.text.find("ip6") != std::string::npos || rule.chain == "outward6";
    (is_v6 ? v6 : v4).insert(is_v6 ? as_v4(rule.text) : rule.text);
  }
  CHECK(v4 == v6);
  CHECK(v4.size() == 11);
}

TEST_CASE("a chain states the number of its rules and of jumps to it") {
  for (const nft::TableFamily family : nft::kTableFamilies) {
    const std::vector<nft::Rule> rules = ruleset::rules(family);
    for (const nft::Chain& chain : ruleset::chains(family)) {
      const std::string name = chain.name;
      std::uint32_t uses = 0;
      for (const nft::Rule& rule : rules) {
        if (rule.chain == name) ++uses;
        if (rule.text.ends_with("jump " + name) || rule.text.ends_with("goto " + name)) ++uses;
      }
      CHECK_MESSAGE(chain.uses == uses, name);
    }
  }
}

TEST_CASE("the sets without a rule are those that no rule uses") {
  for (const nft::TableFamily family : nft::kTableFamilies) {
    const std::vector<nft::Rule> rules = ruleset::rules(family);
    std::set<std::string_view> unused;
    for (const nft::Set& set : ruleset::sets()) {
      const auto names = [&](const nft::Rule& rule) {
        return (rule.text + " ").find("@" + set.name + " ") != std::string::npos;
      };
      if (set.family == family && std::none_of(rules.begin(), rules.end(), names)) unused.insert(set.name);
    }
    const auto listed = ruleset::sets_without_rule(family);
    CHECK(std::set<std::string_view>(listed.begin(), listed.end()) == unused);
    CHECK(listed.size() == unused.size());
  }
}

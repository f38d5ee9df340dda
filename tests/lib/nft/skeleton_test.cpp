// The rules without the kernel; that they are what nft prints is tested in tests/netns/lib.
#include "lib/nft/skeleton.h"

#include <regex>
#include <set>
#include <string>

#include <doctest/doctest.h>

#include "lib/nft/set.h"

TEST_CASE("every rule is in a chain, and every chain has a rule") {
  std::set<std::string> chains;
  for (const nft::Chain& chain : nft::chains()) chains.insert(chain.name);
  CHECK(chains.size() == nft::chains().size());
  std::set<std::string> used;
  for (const nft::Rule& rule : nft::rules()) {
    CHECK_MESSAGE(chains.contains(rule.chain), rule.text);
    CHECK_MESSAGE(!rule.expressions.empty(), rule.text);
    used.insert(rule.chain);
  }
  CHECK(used == chains);
}

TEST_CASE("every set that a rule's text names is there, and used in its expressions too") {
  const std::regex reference("@([a-z0-9]+)");
  for (const nft::Rule& rule : nft::rules()) {
    std::multiset<std::string> named;
    const std::string text(rule.text);
    for (std::sregex_iterator at(text.begin(), text.end(), reference), end; at != end; ++at) named.insert((*at)[1]);
    std::multiset<std::string> looked_up;
    for (const nft::Expression& expression : rule.expressions) {
      if (std::string(nftnl_expr_get_str(expression.get(), NFTNL_EXPR_NAME)) != "lookup") continue;
      looked_up.insert(nftnl_expr_get_str(expression.get(), NFTNL_EXPR_LOOKUP_SET));
    }
    CHECK_MESSAGE(named == looked_up, text);
    for (const std::string& name : named) CHECK_NOTHROW(nft::set_named(name));
  }
}

TEST_CASE("the rules of both families are the same") {
  std::multiset<std::string> v4;
  std::multiset<std::string> v6;
  const auto as_v4 = [](const std::string& text) {
    return std::regex_replace(std::regex_replace(text, std::regex("\\bip6"), "ip"), std::regex("6"), "4");
  };
  for (const nft::Rule& rule : nft::rules()) {
    const std::string text(rule.text);
    const bool is_alone = text.find("127.0.0.0/8") != std::string::npos ||
                          text.find("224.0.0.0") != std::string::npos || text.find("ff00::") != std::string::npos ||
                          text.find("fib") == 0;
    if (is_alone) continue;
    if (text.find("ip6") == std::string::npos) v4.insert(text);
    if (text.find("ip6") != std::string::npos) v6.insert(as_v4(text));
  }
  CHECK(v4 == v6);
  CHECK(v4.size() == 5);
}

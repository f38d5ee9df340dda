// SPDX-License-Identifier: Apache-2.0
#include "lib/foreign/rule.h"

#include <linux/netfilter.h>

#include <doctest/doctest.h>

TEST_CASE("steps on foreign tables read like nft commands") {
  const foreign::Chain chain{NFPROTO_IPV6, "nat", "CNI-x"};
  CHECK(foreign::text(foreign::RemoveRule{{chain, 7, "a comment", {}, {}, {}}}) ==
        "delete rule ip6 nat CNI-x handle 7");
  CHECK(foreign::text(foreign::RemoveChain{{NFPROTO_INET, "t", "c"}}) == "flush chain inet t c; delete chain inet t c");
}

TEST_CASE("a rule mentions an address that it compares with, alone or next to another") {
  foreign::Rule rule;
  rule.compared = {{10, 1, 0, 1, 10, 1, 0, 2}, {0x1f, 0x90}};
  rule.loaded = {{10, 1, 0, 7}, {0, 80}};
  const auto mentions = [&](const char* text) { return rule.mentions(net::Address::parse(text).value()); };
  CHECK(mentions("10.1.0.1"));
  CHECK(mentions("10.1.0.2"));
  CHECK(mentions("10.1.0.7"));
  CHECK(rule.mentions(8080));
  CHECK(rule.mentions(80));
  CHECK_FALSE(rule.mentions(8081));
  CHECK_FALSE(mentions("1.0.1.10"));  // bytes of two addresses
  CHECK_FALSE(mentions("10.1.0.3"));
  CHECK_FALSE(mentions("fd00::1"));
}

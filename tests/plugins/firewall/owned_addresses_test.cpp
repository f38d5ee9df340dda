// SPDX-License-Identifier: Apache-2.0
#include "plugins/firewall/owned_addresses.h"

#include <doctest/doctest.h>

namespace {

const net::Owner kOwner{"n", "c1", "eth0"};

nft::Value value(const char* address) { return nft::value(net::Address::parse(address).value()); }
std::vector<net::Prefix> prefixes(const char* text) { return {net::Prefix::parse(text).value()}; }

ruleset::Element address(const char* text, const std::string& owner) { return {"forward4", {value(text)}, {}, owner}; }
ruleset::Element owned(const char* text) {
  return {"forwarded4", {kOwner.host_end().text(), nft::Mark{0}}, {value(text)}, kOwner.comment()};
}

}  // namespace

TEST_CASE("addresses are added with their owner, without duplicates") {
  const auto first = firewall::plan_owned_addresses(kOwner, prefixes("10.1.0.2/24"), {});
  CHECK(plan::text(first) ==
        "nft add element inet footbridge forward4 { 10.1.0.2 comment \"n/c1/eth0\" }\n"
        "nft add element inet footbridge forwarded4 { \"" +
            kOwner.host_end().text() + "\" . 0 comment \"n/c1/eth0\" : 10.1.0.2 }\n");
  const firewall::OwnedAddressesSeen seen{5, {owned("10.1.0.2")}, {address("10.1.0.2", "n/c1/eth0")}};
  CHECK(firewall::plan_owned_addresses(kOwner, prefixes("10.1.0.2/24"), seen).empty());
  CHECK(firewall::owned_addresses(kOwner, seen).size() == 1);
}

TEST_CASE("another owner's address is taken over, and an address that belongs to another owner now is kept") {
  const firewall::OwnedAddressesSeen theirs{5, {}, {address("10.1.0.2", "n/c2/eth0")}};
  CHECK(plan::text(firewall::plan_owned_addresses(kOwner, prefixes("10.1.0.2/24"), theirs))
            .starts_with("nft delete element inet footbridge forward4 { 10.1.0.2 }\n"));
  const firewall::OwnedAddressesSeen lost{5, {owned("10.1.0.2")}, {address("10.1.0.2", "n/c2/eth0")}};
  CHECK(firewall::owned_addresses(kOwner, lost).empty());
  const auto gone = firewall::plan_no_owned_addresses(kOwner, lost);
  CHECK(plan::text(gone).find("forward4") == std::string::npos);
  CHECK(plan::text(gone).find("delete element inet footbridge forwarded4") != std::string::npos);
  CHECK(gone.generation == 5);
}

TEST_CASE("an address that the owner no longer has is deleted") {
  const firewall::OwnedAddressesSeen seen{5, {owned("10.1.0.9")}, {address("10.1.0.9", "n/c1/eth0")}};
  const std::string lines = plan::text(firewall::plan_owned_addresses(kOwner, prefixes("10.1.0.2/24"), seen));
  CHECK(lines.find("delete element inet footbridge forward4 { 10.1.0.9 }") != std::string::npos);
  CHECK(lines.find("forwarded4") != std::string::npos);
}

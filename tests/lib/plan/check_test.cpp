// SPDX-License-Identifier: Apache-2.0
#include "lib/plan/check.h"

#include <doctest/doctest.h>

using plan::Differences;

namespace {

net::Prefix prefix(const std::string& text) { return net::Prefix::parse(text).value(); }
net::Address address(const std::string& text) { return net::Address::parse(text).value(); }

netlink::Route route(const std::string& dst, const std::string& gateway = {}) {
  netlink::Route result;
  result.dst = prefix(dst);
  if (!gateway.empty()) result.gateway = address(gateway);
  return result;
}

Differences::ExpectedRoute expected(const std::string& dst, const std::string& gateway = {}) {
  return {prefix(dst), gateway.empty() ? std::nullopt : std::optional(address(gateway))};
}

std::string routes_text(const Differences::ExpectedRoute& one, const std::vector<netlink::Route>& found) {
  Differences differences;
  differences.expect_routes("eth0", {one}, found);
  return differences.empty() ? "" : differences.text();
}

}  // namespace

TEST_CASE("equal values are no difference") {
  Differences differences;
  differences.expect("bridge cni0", "up", "up");
  CHECK(differences.empty());
  CHECK(differences.text() == "none");
}

TEST_CASE("differences are reported together, in order") {
  Differences differences;
  differences.expect("bridge cni0", "up", "down");
  differences.add("container interface eth0: not found");
  CHECK(!differences.empty());
  CHECK(differences.text() == "bridge cni0: expected up, found down, container interface eth0: not found");
}

TEST_CASE("every expected address must exist with its length; there may be others") {
  Differences differences;
  differences.expect_addresses("eth0", {prefix("10.1.0.2/24")}, {prefix("fe80::1/64"), prefix("10.1.0.2/24")});
  CHECK(differences.empty());
  differences.expect_addresses("eth0", {prefix("10.1.0.2/24"), prefix("10.1.0.3/24")},
                               {prefix("10.1.0.2/16"), prefix("10.1.0.3/24")});
  CHECK(differences.text() == "Failed to match addr 10.1.0.2/24 on interface eth0: found 10.1.0.2/16, 10.1.0.3/24");
  Differences nothing;
  nothing.expect_addresses("eth0", {prefix("10.1.0.2/24")}, {});
  CHECK(nothing.text() == "Failed to match addr 10.1.0.2/24 on interface eth0: found none");
}

TEST_CASE("a route must lead to its destination through its gateway") {
  CHECK(routes_text(expected("10.9.0.0/16", "10.1.0.1"), {route("10.9.0.0/16", "10.1.0.1")}) == "");
  CHECK(routes_text(expected("10.9.0.0/16", "10.1.0.1"), {route("10.9.0.0/16", "10.1.0.9")}) ==
        "Expected Route 10.9.0.0/16 via 10.1.0.1 not found in routing table: eth0 has 10.9.0.0/16 via 10.1.0.9");
  CHECK(routes_text(expected("10.9.0.0/16", "10.1.0.1"), {route("10.9.0.0/16")}) != "");
  CHECK(routes_text(expected("10.9.0.0/16"), {route("10.9.0.0/16", "10.1.0.9")}) == "");
  CHECK(routes_text(expected("10.9.0.7/16"), {route("10.9.0.0/16")}) == "");
  CHECK(routes_text(expected("10.9.0.0/16"), {route("10.9.0.0/24")}) != "");
  CHECK(routes_text(expected("10.9.0.0/16"), {}) ==
        "Expected Route 10.9.0.0/16 not found in routing table: eth0 has none");
}

TEST_CASE("a default route may use any gateway, but only in its family") {
  CHECK(routes_text(expected("0.0.0.0/0", "10.1.0.1"), {route("0.0.0.0/0", "10.1.0.9")}) == "");
  CHECK(routes_text(expected("0.0.0.0/0"), {route("::/0", "fd00::1")}) != "");
  CHECK(routes_text(expected("::/0"), {route("::/0", "fd00::1")}) == "");
}

TEST_CASE("each step of a plan that would restore the state is a difference") {
  Differences differences;
  differences.expect_nothing_to_do({});
  CHECK(differences.empty());
  plan::Plan plan;
  plan.add({"masq4", {prefix("10.1.0.2/32")}, {}, "n/c1/eth0"});
  plan.container(netlink::SetLink{net::IfName("eth0"), true});
  differences.expect_nothing_to_do(plan);
  CHECK(differences.text() ==
        "missing: nft add element inet footbridge masq4 { 10.1.0.2 comment \"n/c1/eth0\" }, "
        "missing: container: ip link set dev eth0 up");
}

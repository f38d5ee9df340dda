// SPDX-License-Identifier: Apache-2.0
#include "lib/plan/plan.h"

#include <doctest/doctest.h>

namespace {

ruleset::Element element() { return {"masq4", {net::Prefix::parse("10.1.0.2/32").value()}, {}, "n/c1/eth0"}; }

}  // namespace

TEST_CASE("an empty plan has no text") {
  CHECK(plan::text({}) == "");
  CHECK(plan::Plan{}.empty());
}

TEST_CASE("a plan's text is a line per step, in order, with the container's marked") {
  plan::Plan plan;
  plan.host(netlink::DeleteLink{net::IfName("vethx")});
  plan.container(netlink::SetLink{net::IfName("eth0"), true});
  plan.host(sysctl::ip_forward());
  plan.container(sysctl::enable_ipv6(net::IfName("eth0")));
  plan.add(element());
  plan.remove(element());
  CHECK(!plan.empty());
  CHECK(plan::text(plan) ==
        "ip link delete dev vethx\n"
        "container: ip link set dev eth0 up\n"
        "sysctl -w net/ipv4/ip_forward=1\n"
        "container: sysctl -w net/ipv6/conf/eth0/disable_ipv6=0\n"
        "nft add element inet footbridge masq4 { 10.1.0.2 comment \"n/c1/eth0\" }\n"
        "nft delete element inet footbridge masq4 { 10.1.0.2 }\n");
}

TEST_CASE("only the removal of an element binds a plan to its generation") {
  plan::Plan plan;
  guard(plan, 7);
  CHECK(!plan.generation);
  plan.add(element());
  plan.host(netlink::DeleteLink{net::IfName("vethx")});
  guard(plan, 7);
  CHECK(!plan.generation);
  plan.remove(element());
  guard(plan, 7);
  CHECK(plan.generation == 7);
}

#include "lib/plan/collect.h"

#include <doctest/doctest.h>

namespace {

plan::Abandoned some() {
  plan::Abandoned abandoned;
  abandoned.generation = 3;
  abandoned.elements.push_back({"masq4", {nft::value(net::Address::parse("10.1.0.2").value())}, {}, "n/c1/eth0"});
  netlink::Link link;
  link.index = 9;
  link.name = "veth0123456789a";
  link.alias = "n/c1/eth0";
  abandoned.host_ends.push_back(link);
  abandoned.unused_group = 77;
  return abandoned;
}

}  // namespace

TEST_CASE("elements go in one transaction that is bound to what was seen") {
  const plan::Plan plan = plan::plan_collect_elements(some());
  CHECK(plan::text(plan) == "nft delete element inet footbridge masq4 { 10.1.0.2 }\n");
  CHECK(plan.generation == 3);
}

TEST_CASE("links go together, as a group of their own") {
  CHECK(plan::text(plan::plan_collect_links(some())) ==
        "ip link set dev veth0123456789a group 77\n"
        "ip link delete group 77\n");
}

TEST_CASE("nothing abandoned, nothing to do: no group is deleted") {
  CHECK(plan::plan_collect_elements({}).empty());
  CHECK(plan::plan_collect_links({}).empty());
}

TEST_CASE("the log says whose it was") {
  CHECK(plan::element_lines(some()) == std::vector<std::string>{"n/c1/eth0: masq4 10.1.0.2"});
  CHECK(plan::link_lines(some()) == std::vector<std::string>{"n/c1/eth0: link veth0123456789a"});
}

// SPDX-License-Identifier: Apache-2.0
#include "lib/attachment/abandoned.h"

#include <doctest/doctest.h>

using net::Owner;

namespace {

const Owner kDead{"n", "c1", "eth0"};
const Owner kAlive{"n", "c2", "eth0"};
const net::Attachments kAttachments("n", {kAlive});

attachment::AbandonedElements some() {
  const net::Prefix address = net::Prefix::host(net::Address::parse("10.1.0.2").value());
  return {3, {{"masq4", {address}, {}, kDead.comment()}, {"snat4", {address}, {}, kDead.comment()}}};
}

netlink::Link link(const Owner& owner) {
  netlink::Link result;
  result.index = 9;
  result.kind = "veth";
  result.name = owner.host_end().text();
  result.alias = owner.alias();
  return result;
}

}  // namespace

TEST_CASE("elements are deleted in one transaction that is bound to the observed generation") {
  const plan::Plan plan = attachment::plan_collect(some());
  CHECK(plan::text(plan) ==
        "nft delete element inet footbridge masq4 { 10.1.0.2 }\n"
        "nft delete element inet footbridge snat4 { 10.1.0.2 }\n");
  CHECK(plan.generation == 3);
  CHECK(attachment::plan_collect(attachment::AbandonedElements{}).empty());
}

TEST_CASE("links are deleted together as a group; without links no group is deleted") {
  const std::string name = kDead.host_end().text();
  CHECK(plan::text(attachment::plan_collect({link(kDead)}, 77)) ==
        "ip link set dev " + name + " group 77\nip link delete group 77\n");
  CHECK(attachment::plan_collect({}, 77).empty());
}

TEST_CASE("a link is ours if its alias is an owner and its name is that owner's host end, whatever its kind") {
  netlink::Link unfinished = link(kDead);
  unfinished.alias = kDead.unfinished_alias();
  CHECK(attachment::select_abandoned({link(kDead), link(kAlive), unfinished}, kAttachments).size() == 2);
  netlink::Link of_operator = link(kDead);
  of_operator.name = "up0";
  netlink::Link ifb = link(kDead);
  ifb.kind = "ifb";
  CHECK(attachment::select_abandoned({ifb}, kAttachments).size() == 1);
  netlink::Link of_reference = link(kDead);
  of_reference.alias.clear();
  CHECK(attachment::select_abandoned({of_operator, of_reference}, kAttachments).empty());
  const Owner long_named{"n", std::string(300, 'c'), "eth0"};
  CHECK(attachment::select_abandoned({link(long_named)}, kAttachments).size() == 1);
}

TEST_CASE("the log has a line for each owner") {
  CHECK(attachment::lines(some()) == std::vector<std::string>{"n/c1/eth0: masq4 10.1.0.2, snat4 10.1.0.2"});
  CHECK(attachment::lines({link(kDead)}) == std::vector<std::string>{"n/c1/eth0: link " + kDead.host_end().text()});
}

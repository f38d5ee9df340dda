// SPDX-License-Identifier: Apache-2.0
// The pair of an attachment: whose it is, whether it may be made, and how it goes.
#include "lib/attachment/veth/pair.h"

#include <string>

#include <doctest/doctest.h>

#include "tests/lib/cni/call.h"

using attachment::Pair;
using attachment::plan_remove_pair;

namespace {

const net::Owner kOwner{"n", "c1", "eth0"};
const std::string kHostEnd = kOwner.host_end().text();

netlink::Link link(std::uint32_t index, const std::string& name, const std::string& kind) {
  netlink::Link result;
  result.index = index;
  result.name = name;
  result.kind = kind;
  return result;
}

// A pair that an ADD of the attachment left behind when it was killed.
Pair leftover() {
  Pair pair;
  pair.host_end = link(9, kHostEnd, "veth");
  pair.host_end->alias = kOwner.unfinished_alias();
  pair.host_end->peer = 3;
  pair.container_end = link(3, "eth0", "veth");
  pair.container_end->peer = 9;
  return pair;
}

std::string refusal(const Pair& pair) {
  return error_of([&] { attachment::check_names(kOwner, pair); });
}

}  // namespace

TEST_CASE("a leftover of the same attachment is no hindrance") {
  CHECK(refusal({}).empty());
  CHECK(refusal(leftover()).empty());
}

TEST_CASE("ADD comes to its end by the alias") {
  CHECK(plan::text(attachment::plan_finish(kOwner)) == "ip link set dev " + kHostEnd + " alias n/c1/eth0\n");
}

TEST_CASE("a link of somebody else's with the host end's name is not touched") {
  Pair pair = leftover();
  pair.host_end->alias = "other/c9/eth0";
  const std::string name = kOwner.host_end().text();
  CHECK(refusal(pair) ==
        "999: host interface name \"" + name + "\" already exists [it is a veth of \"other/c9/eth0\"]");
  pair.host_end = link(9, name, "dummy");
  CHECK(refusal(pair) == "999: host interface name \"" + name + "\" already exists [it is a dummy of \"\"]");
}

TEST_CASE("an interface of somebody else's in the container is not touched") {
  const std::string told = "999: container veth name (\"eth0\") peer provided (\"" + kOwner.host_end().text() +
                           "\") already exists [the container has an interface eth0 that this network did not make]";
  Pair pair;
  pair.container_end = link(3, "eth0", "dummy");
  CHECK(refusal(pair) == told);
  Pair pair_with_another = leftover();
  pair_with_another.container_end->peer = 10;
  CHECK(refusal(pair_with_another) == told);
  Pair leftover_elsewhere = leftover();  // indices count anew in each namespace
  leftover_elsewhere.host_end->peer = 4;
  CHECK(refusal(leftover_elsewhere) == told);
}

TEST_CASE("DEL takes the pair by its owner's name, and only that") {
  CHECK(plan::text(plan_remove_pair(kOwner, leftover())) == "ip link delete dev " + kHostEnd + "\n");
  const plan::LinkChange change = std::get<plan::LinkChange>(plan_remove_pair(kOwner, leftover()).steps.at(0).what);
  CHECK(std::get<netlink::DeleteLink>(change).index ==
        leftover().host_end->index);  // not one that takes its name later
  CHECK(plan_remove_pair(kOwner, {}).empty());
  Pair others = leftover();
  others.host_end->alias = "other/c9/eth0";
  CHECK(plan_remove_pair(kOwner, others).empty());
  others.host_end = link(9, kHostEnd, "dummy");
  CHECK(plan_remove_pair(kOwner, others).empty());
}

TEST_CASE("a pair of the reference's is known by its name and the absence of an alias") {
  const auto of_reference = [](const std::string& name, const std::string& kind, const std::string& alias) {
    netlink::Link host_end = link(9, name, kind);
    host_end.alias = alias;
    return attachment::is_of_reference(host_end);
  };
  CHECK(of_reference("veth1a2b3c4d", "veth", ""));
  CHECK(!of_reference("veth1a2b3c4d", "veth", "n/c2/eth0"));
  CHECK(!of_reference("veth1a2b3c4d", "dummy", ""));
  CHECK(!of_reference("veth1a2b3c4g", "veth", ""));
  CHECK(!of_reference("veth1a2b3c4", "veth", ""));
  CHECK(!of_reference("eth01a2b3c4d", "veth", ""));
  CHECK(!of_reference(kOwner.host_end().text(), "veth", ""));
}

// SPDX-License-Identifier: Apache-2.0
// An attachment's veth pair: identifying it, checking whether it can be created, deleting it.
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

// A pair that a killed ADD of the attachment left.
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

TEST_CASE("a leftover of the same attachment does not block ADD") {
  CHECK(refusal({}).empty());
  CHECK(refusal(leftover()).empty());
}

TEST_CASE("the alias marks ADD as finished") {
  CHECK(plan::text(attachment::plan_finish(kOwner)) == "ip link set dev " + kHostEnd + " alias n/c1/eth0\n");
}

TEST_CASE("a foreign link with the host end's name is not touched") {
  Pair pair = leftover();
  pair.host_end->alias = "other/c9/eth0";
  const std::string name = kOwner.host_end().text();
  CHECK(refusal(pair) ==
        "999: host interface name \"" + name + "\" already exists [a veth with alias \"other/c9/eth0\" has that name]");
  pair.host_end = link(9, name, "dummy");
  CHECK(refusal(pair) ==
        "999: host interface name \"" + name + "\" already exists [a dummy with alias \"\" has that name]");
}

TEST_CASE("a foreign interface in the container is not touched") {
  const std::string error = "999: container veth name (\"eth0\") peer provided (\"" + kOwner.host_end().text() +
                            "\") already exists [interface eth0 in the container was not created by this network]";
  Pair pair;
  pair.container_end = link(3, "eth0", "dummy");
  CHECK(refusal(pair) == error);
  Pair pair_with_another = leftover();
  pair_with_another.container_end->peer = 10;
  CHECK(refusal(pair_with_another) == error);
  Pair leftover_elsewhere = leftover();  // each namespace counts indices on its own
  leftover_elsewhere.host_end->peer = 4;
  CHECK(refusal(leftover_elsewhere) == error);
}

TEST_CASE("DEL deletes the pair by its owner's name, and only that pair") {
  CHECK(plan::text(plan_remove_pair(kOwner, leftover())) == "ip link delete dev " + kHostEnd + "\n");
  const plan::LinkChange change = std::get<plan::LinkChange>(plan_remove_pair(kOwner, leftover()).steps.at(0).what);
  CHECK(std::get<netlink::DeleteLink>(change).index ==
        leftover().host_end->index);  // not a later link with the same name
  CHECK(plan_remove_pair(kOwner, {}).empty());
  Pair others = leftover();
  others.host_end->alias = "other/c9/eth0";
  CHECK(plan_remove_pair(kOwner, others).empty());
  others.host_end = link(9, kHostEnd, "dummy");
  CHECK(plan_remove_pair(kOwner, others).empty());
}

TEST_CASE("a pair of the reference is recognised by its name and the absence of an alias") {
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

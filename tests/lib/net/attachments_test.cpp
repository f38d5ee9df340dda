// SPDX-License-Identifier: Apache-2.0
#include "lib/net/attachments.h"

#include <doctest/doctest.h>

using net::Attachments;
using net::Owner;

namespace {

const Attachments kAlive("blue", {{"blue", "c1", "eth0"}, {"blue", "c1", "eth1"}, {"blue", "c2", "eth0"}});

}  // namespace

TEST_CASE("listed attachments are alive, by container and interface") {
  CHECK(kAlive.is_alive("c1", "eth1"));
  CHECK_FALSE(kAlive.is_alive("c2", "eth1"));
  CHECK_FALSE(kAlive.is_alive("c3", "eth0"));
  CHECK(kAlive.is_alive("c2"));
  CHECK_FALSE(kAlive.is_alive("c"));
}

TEST_CASE("a mark of this network that is not listed is abandoned") {
  CHECK(kAlive.is_abandoned("blue/c3/eth0"));
  CHECK(kAlive.is_abandoned("blue/c2/eth1"));
  CHECK(kAlive.is_abandoned("blue/c3/eth0 (unfinished)"));
  CHECK_FALSE(kAlive.is_abandoned("blue/c1/eth0"));
  CHECK_FALSE(kAlive.is_abandoned("blue/c1/eth0 (unfinished)"));
}

TEST_CASE("marks of other networks and foreign marks are never abandoned") {
  for (const char* mark : {"", "blue", "blue/", "blue/c3", "blu/c3/eth0", "blue2/c3/eth0", "green/c3/eth0",
                           "tap of vm 7", "blue/some/operator's/note", "blue/#veth00000000000"}) {
    CAPTURE(mark);
    CHECK_FALSE(kAlive.is_abandoned(mark));
  }
}

TEST_CASE("shortened marks are distinguished") {
  const Owner alive{"blue", std::string(150, 'a'), "eth0"};
  const Owner dead{"blue", std::string(150, 'b'), "eth0"};
  const Owner very_long{"blue", std::string(300, 'c'), "eth0"};
  const Attachments attachments("blue", {alive});
  for (const std::string& mark : {alive.alias(), alive.comment(), alive.unfinished_alias()}) {
    CHECK_FALSE(attachments.is_abandoned(mark));
  }
  for (const std::string& mark : {dead.alias(), dead.comment(), very_long.alias(), very_long.comment()}) {
    CHECK(attachments.is_abandoned(mark));
  }
}

TEST_CASE("networks whose names alone fill a comment are distinguished") {
  const std::string network(140, 'n');
  const Owner dead{network, "c1", "eth0"};
  const Owner alive{network, "c2", "eth0"};
  const Owner other{std::string(139, 'n') + "m", "c1", "eth0"};
  const Attachments attachments(network, {alive});
  for (const std::string& mark : {dead.comment(), dead.alias()}) CHECK(attachments.is_abandoned(mark));
  for (const Owner& owner : {alive, other}) {
    CHECK_FALSE(attachments.is_abandoned(owner.comment()));
    CHECK_FALSE(attachments.is_abandoned(owner.alias()));
  }
}

// SPDX-License-Identifier: Apache-2.0
// The lifetime of an ingressPolicy.
#include "tests/netns/firewall/scene.h"

using test::FirewallScene;
using test::Json;

namespace {

const Json kSameBridge{{"ingressPolicy", "same-bridge"}};

}  // namespace

TEST_CASE("DEL of a bridge's last container deletes its policy, even if several networks use the bridge") {
  FirewallScene scene;
  scene.add("a", 1, kSameBridge);
  const Json guest{{"bridge", "br1"}, {"isDefaultGateway", false}};
  const auto bridged =
      test::call({"bridge", "ADD", "b", scene.host.add_netns("b"), FirewallScene::config("bridge", 2, guest).dump()});
  REQUIRE_MESSAGE(bridged.ok(), bridged.out);
  Json keys = kSameBridge;
  keys["prevResult"] = bridged.json();
  REQUIRE(FirewallScene::firewall("ADD", "b", 2, keys).ok());
  FirewallScene::del("a", 1);
  CHECK(scene.host.elements("policed").size() == 1);
  FirewallScene::del("b", 2);
  CHECK(scene.host.elements("policed").empty());
  CHECK(scene.host.elements("within").empty());
}

TEST_CASE("the policy is deleted if the last two containers go together; an uplink is not a container") {
  FirewallScene scene;
  scene.sh("ip link add br1 type bridge; ip link add up0 type veth peer name up1; ip link set up0 master br1 up");
  scene.add("a", 1, kSameBridge);
  scene.add("b", 1, kSameBridge);
  for (const char* name : {"a", "b"}) {  // both ports exist during both calls
    const std::string config = FirewallScene::config("firewall", 1).dump();
    REQUIRE(test::call({"firewall", "DEL", name, "", config}).ok());
  }
  CHECK(scene.host.elements("policed").empty());
  CHECK(scene.host.elements("within").empty());
}

TEST_CASE("with ptp, each container has its own policy, and only its own DEL deletes it") {
  FirewallScene scene;
  Json keys = kSameBridge;
  for (const char* name : {"a", "b"}) {
    const auto added =
        test::call({"ptp", "ADD", name, scene.host.add_netns(name), FirewallScene::config("ptp", 1).dump()});
    REQUIRE_MESSAGE(added.ok(), added.out);
    keys["prevResult"] = added.json();
    REQUIRE(FirewallScene::firewall("ADD", name, 1, keys).ok());
  }
  REQUIRE(FirewallScene::firewall("DEL", "a", 1).ok());
  CHECK(scene.host.elements("policed").size() == 1);
  CHECK(FirewallScene::firewall("CHECK", "b", 1, keys).ok());
  REQUIRE(FirewallScene::firewall("DEL", "b", 1).ok());
  CHECK(scene.host.elements("policed").empty());
}

TEST_CASE("a container's interface with the name of a host link is not taken for a bridge") {
  FirewallScene scene;
  Json keys = kSameBridge;
  keys["prevResult"] = {{"cniVersion", "1.1.0"},
                        {"interfaces", {{{"name", "lan0"}, {"sandbox", "/run/netns/a"}}}},
                        {"ips", {{{"address", "10.1.0.2/24"}, {"interface", 0}}}}};
  CHECK(FirewallScene::firewall("ADD", "a", 1, keys).json()["code"] == 7);
  keys.erase("ingressPolicy");
  CHECK(FirewallScene::firewall("ADD", "a", 1, keys).ok());
  CHECK(scene.host.elements("policed").empty());
}

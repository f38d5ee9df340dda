// SPDX-License-Identifier: Apache-2.0
// ingressPolicy and the administrator's chain, with real traffic.
#include "tests/netns/firewall/scene.h"

using test::cannot_talk;
using test::FirewallScene;
using test::Host;
using test::Json;
using test::Server;
using test::talk;
using test::Transport;

namespace {

const Json kSameBridge{{"ingressPolicy", "same-bridge"}};
const Json kIsolated{{"ingressPolicy", "isolated"}};

bool talks(const std::string& from, const std::string& address, const std::string& to,
           Transport transport = Transport::tcp) {
  return talk(from, address, 7000, Server(to, transport, 7000)).has_value();
}

bool is_cut_off(const std::string& from, const std::string& address, const std::string& to,
                Transport transport = Transport::tcp) {
  return cannot_talk(from, address, 7000, Server(to, transport, 7000));
}

}  // namespace

TEST_CASE("open networks reach each other") {
  FirewallScene scene;
  scene.add("a", 1);
  scene.add("b", 2);
  CHECK(talks("a", "10.2.0.2", "b"));
  CHECK(scene.host.elements("policed").empty());
}

TEST_CASE("no packet crosses between two networks of the same bridge each, and all else goes on") {
  FirewallScene scene;
  scene.add("a", 1, kSameBridge, true);
  scene.add("a2", 1, kSameBridge);
  scene.add("b", 2, kSameBridge);
  scene.add("c", 3);
  for (const Transport transport : {Transport::tcp, Transport::udp}) {
    CAPTURE(transport == Transport::udp);
    CHECK(is_cut_off("a", "10.2.0.2", "b", transport));
    CHECK(is_cut_off("b", "10.1.0.2", "a", transport));
    CHECK(is_cut_off("a", "fd00:2::2", "b", transport));
    CHECK(is_cut_off("b", "fd00:1::2", "a", transport));
    CHECK(talks("a", "10.1.0.3", "a2", transport));
    CHECK(talks("a", "fd00:1::3", "a2", transport));
    CHECK(talks("a", Host::kOutsideAddress, "outside", transport));
    CHECK(talks("a", "10.3.0.2", "c", transport));  // as with the reference: only between such networks
    const Server web("a", transport, FirewallScene::kContainerPort);
    for (const char* from : {"outside", "b", "a2", "c", ""}) {
      CAPTURE(from);
      CHECK(talk(from, Host::kHostAddress, FirewallScene::kHostPort, web));
      CHECK(talk(from, Host::kHostAddress6, FirewallScene::kHostPort, web));
    }
  }
}

TEST_CASE("isolated neighbours cannot talk, by IPv4, IPv6 or ARP; each reaches the gateway and the outside") {
  FirewallScene scene;
  scene.add("a", 1, kIsolated, true);
  scene.add("b", 1, kIsolated);
  scene.add("far", 2, kSameBridge);
  for (const Transport transport : {Transport::tcp, Transport::udp}) {
    CAPTURE(transport == Transport::udp);
    CHECK(is_cut_off("a", "10.1.0.3", "b", transport));
    CHECK(is_cut_off("b", "fd00:1::2", "a", transport));
    CHECK(is_cut_off("far", "10.1.0.2", "a", transport));
    CHECK(is_cut_off("b", "fd00:2::2", "far", transport));
    CHECK(talks("a", "10.1.0.1", "", transport));
    CHECK(talks("b", "fd00:1::1", "", transport));
    CHECK(talks("b", Host::kOutsideAddress6, "outside", transport));
  }
  scene.host.try_run("a", {"sh", "-c", "ip neighbour flush all; ip route replace 10.1.0.3 dev eth0"});
  CHECK(is_cut_off("a", "10.1.0.3", "b"));
  const Json neighbours = scene.host.ip("neighbour show 10.1.0.3", "a");
  CHECK((neighbours.empty() || !neighbours[0].contains("lladdr")));  // nobody answered
  CHECK(talk("outside", Host::kHostAddress, FirewallScene::kHostPort,
             Server("a", Transport::tcp, FirewallScene::kContainerPort)));
}

TEST_CASE("without the plugin, or with another policy, neighbours talk again") {
  FirewallScene scene;
  const Json a = scene.add("a", 1, kIsolated);
  const Json b = scene.add("b", 1, kIsolated);
  REQUIRE(is_cut_off("a", "10.1.0.3", "b"));
  Json keys = kSameBridge;
  keys["prevResult"] = a;
  REQUIRE(FirewallScene::firewall("ADD", "a", 1, keys).ok());
  CHECK(talks("a", "10.1.0.3", "b"));
  CHECK(scene.host.elements("within").size() == 1);
  keys["ingressPolicy"] = "open";
  REQUIRE(FirewallScene::firewall("ADD", "a", 1, keys).ok());
  CHECK(scene.host.elements("policed").empty());
  CHECK(scene.host.elements("within").empty());
}

TEST_CASE("of two networks on one bridge the stricter policy stands") {
  FirewallScene scene;
  Json result = scene.add("a", 1, kIsolated);
  Json keys = kSameBridge;
  keys["name"] = "guest";
  keys["prevResult"] = scene.connect("b", 1);
  REQUIRE(FirewallScene::firewall("ADD", "b", 1, keys).ok());
  CHECK(is_cut_off("a", "10.1.0.3", "b"));
  CHECK(FirewallScene::firewall("CHECK", "b", 1, keys).ok());
  Json check = kIsolated;
  check["prevResult"] = result;
  CHECK(FirewallScene::firewall("CHECK", "a", 1, check).ok());
}

TEST_CASE("a policy goes with the last container of its bridge, and stays as long as there is one") {
  FirewallScene scene;
  scene.add("a", 1, kSameBridge);
  scene.add("b", 1, kSameBridge);
  scene.add("far", 2, kIsolated);
  FirewallScene::del("a", 1);
  CHECK(scene.host.elements("policed").size() == 2);
  CHECK(scene.host.elements("within").size() == 1);
  FirewallScene::del("b", 1);
  CHECK(scene.host.elements("policed").dump().find("br2") != std::string::npos);
  CHECK(scene.host.elements("policed").size() == 1);
  CHECK(scene.host.elements("within").empty());
}

TEST_CASE("GC takes policies of bridges without containers, and the isolation of what is dead") {
  FirewallScene scene;
  scene.add("a", 1, kIsolated);
  scene.host.run({"ip", "netns", "exec", "a", "ip", "link", "delete", "eth0"});  // and no DEL
  const auto isolated = [&] {
    return scene.printed("nft list set bridge footbridge isolated").find("net1/a/eth0") != std::string::npos;
  };
  REQUIRE(isolated());
  const Json keys{{"cni.dev/valid-attachments", Json::array()}};
  for (int time = 0; time < 2; ++time) {
    CHECK(test::call({"firewall", "GC", {}, {}, FirewallScene::config("firewall", 1, keys).dump(), {}}).ok());
    CHECK(!isolated());
    CHECK(scene.host.elements("policed").empty());
  }
}

TEST_CASE("containers that come while the last one goes keep their policy") {
  FirewallScene scene;
  for (int round = 0; round < 10; ++round) {
    scene.add("old", 1, kSameBridge);
    Json keys = kSameBridge;
    keys["prevResult"] = scene.connect("new", 1);
    const std::string config = FirewallScene::config("firewall", 1, keys).dump();
    const auto outcomes =
        test::call_together({{"firewall", "DEL", "old", "", FirewallScene::config("firewall", 1).dump()},
                             {"firewall", "ADD", "new", "/run/netns/new", config}});
    for (const test::Outcome& outcome : outcomes) CHECK_MESSAGE(outcome.ok(), outcome.out);
    CHECK(scene.host.elements("policed").size() == 1);
    FirewallScene::del("old", 1);
    CHECK(scene.host.elements("policed").size() == 1);
    FirewallScene::del("new", 1);
    CHECK(scene.host.elements("policed").empty());
    for (const char* name : {"old", "new"}) scene.host.remove_netns(name);
  }
}

TEST_CASE("the administrator's chain is asked first, and survives everybody") {
  FirewallScene scene;
  const Json keys{{"prevResult", scene.add("a", 1, kSameBridge)}, {"ingressPolicy", "same-bridge"}};
  scene.add("b", 2, kSameBridge);
  scene.sh(
      "nft add rule inet footbridge CNI-ADMIN tcp dport 7001 drop; nft add rule inet footbridge CNI-ADMIN udp dport "
      "7000 accept");
  CHECK(talks("a", Host::kOutsideAddress, "outside"));
  CHECK(cannot_talk("a", Host::kOutsideAddress, 7001, Server("outside", Transport::tcp, 7001)));
  CHECK(talks("a", "10.2.0.2", "b", Transport::udp));  // let through by the administrator
  REQUIRE(FirewallScene::firewall("ADD", "a", 1, keys).ok());
  CHECK(FirewallScene::firewall("CHECK", "a", 1, keys).ok());
  scene.sh("nft flush chain inet footbridge forward");
  REQUIRE(FirewallScene::firewall("ADD", "a", 1, keys).ok());  // mends the table
  FirewallScene::del("a", 1);
  FirewallScene::del("b", 2);
  const std::string chain = scene.printed("nft list chain inet footbridge CNI-ADMIN");
  CHECK(chain.find("tcp dport 7001 drop") != std::string::npos);
  CHECK(scene.printed("nft list chain inet footbridge admin").find("jump CNI-ADMIN") != std::string::npos);
  scene.add("c", 3, Json{{"iptablesAdminChainName", "MY-ADMIN"}});
  CHECK(scene.printed("nft list chain inet footbridge admin").find("jump MY-ADMIN") != std::string::npos);
  CHECK(cannot_talk("c", Host::kOutsideAddress, 7001, Server("outside", Transport::tcp, 7001)));
}

TEST_CASE("CHECK and STATUS of isolation look at the table of the bridge family, too") {
  FirewallScene scene;
  Json keys = kIsolated;
  keys["prevResult"] = scene.add("a", 1, kIsolated);
  REQUIRE(FirewallScene::firewall("CHECK", "a", 1, keys).ok());
  scene.sh("nft flush chain bridge footbridge isolation");
  const auto checked = FirewallScene::firewall("CHECK", "a", 1, keys);
  CHECK(checked.out.find("table bridge footbridge: expected intact") != std::string::npos);
}

TEST_CASE("an administrator's chain that nothing leads to is told by CHECK, and led to by the next ADD") {
  FirewallScene scene;
  scene.sh("nft add table inet footbridge; nft add chain inet footbridge CNI-ADMIN");  // the administrator was first
  const Json keys{{"prevResult", scene.add("a", 1)}};
  const auto leads = [&] {
    const std::string chain = scene.printed("nft list chain inet footbridge admin");
    return chain.find("jump CNI-ADMIN") != std::string::npos &&
           chain.find("jump CNI-ADMIN") == chain.rfind("jump CNI-ADMIN");
  };
  CHECK(leads());
  scene.sh("nft flush chain inet footbridge admin");
  CHECK(!FirewallScene::firewall("CHECK", "a", 1, keys).ok());
  for (int time = 0; time < 2; ++time) {
    REQUIRE(FirewallScene::firewall("ADD", "a", 1, keys).ok());
    CHECK(leads());
  }
  CHECK(FirewallScene::firewall("CHECK", "a", 1, keys).ok());
}

// SPDX-License-Identifier: Apache-2.0
// Hosts whose rulesets drop forwarded packets, from Docker, ufw, iptables and nft; with traffic.
#include "footbridge_plugins.h"
#include "tests/netns/firewall/scene.h"

using test::cannot_talk;
using test::FirewallScene;
using test::Host;
using test::Json;
using test::Server;
using test::talk;
using test::Transport;

namespace {

// The container reaches the outside, and is reached on its published port only.
void check_connected(const char* address, const char* container, const char* outside) {
  for (const Transport transport : {Transport::tcp, Transport::udp}) {
    CAPTURE(transport == Transport::udp);
    CHECK(talk("web", outside, 7000, Server("outside", transport, 7000)));
    CHECK(talk("outside", address, FirewallScene::kHostPort, Server("web", transport, FirewallScene::kContainerPort)));
  }
  CHECK(cannot_talk("outside", container, 81, Server("web", Transport::tcp, 81)));
}

void check_connected_by_both() {
  check_connected(Host::kHostAddress, "10.1.0.2", Host::kOutsideAddress);
  check_connected(Host::kHostAddress6, "fd00:1::2", Host::kOutsideAddress6);
}

bool reaches_outside() {
  return !cannot_talk("web", Host::kOutsideAddress, 7000, Server("outside", Transport::tcp, 7000));
}

const char* const kPolicy = "iptables -P FORWARD DROP; ip6tables -P FORWARD DROP";

// The rules of Docker 20, and of ufw with its defaults, reduced to those for forwarded packets.
const char* const kDocker =
    "ip6tables -P FORWARD DROP; iptables -P FORWARD DROP; iptables -N DOCKER-USER; iptables -A DOCKER-USER -j RETURN; "
    "iptables -N DOCKER;"
    "iptables -N DOCKER-ISOLATION-STAGE-1; iptables -A DOCKER-ISOLATION-STAGE-1 -j RETURN;"
    "iptables -A FORWARD -j DOCKER-USER; iptables -A FORWARD -j DOCKER-ISOLATION-STAGE-1;"
    "iptables -A FORWARD -o docker0 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT;"
    "iptables -A FORWARD -o docker0 -j DOCKER; iptables -A FORWARD -i docker0 ! -o docker0 -j ACCEPT";
const char* const kUfw =
    "for p in iptables ip6tables; do $p -P FORWARD DROP; $p -N ufw-before; $p -N ufw-user; $p -N ufw-after; $p -N "
    "ufw-reject;"
    "$p -A ufw-before -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT; $p -A ufw-before -j ufw-user;"
    "$p -A ufw-reject -j REJECT; $p -A FORWARD -j ufw-before; $p -A FORWARD -j ufw-after; $p -A FORWARD -j ufw-reject; "
    "done";
const char* const kCatchAll =
    "iptables -A FORWARD -p icmp -j ACCEPT; iptables -A FORWARD -j REJECT --reject-with icmp-host-prohibited;"
    "ip6tables -A FORWARD -j DROP";

}  // namespace

TEST_CASE("on a host that drops forwarded packets, ADD connects the container, and DEL cuts it off") {
  for (const char* commands : {kPolicy, kDocker, kUfw, kCatchAll}) {
    CAPTURE(commands);
    FirewallScene scene;
    scene.sh(commands);
    const std::string before = scene.printed("iptables -S; ip6tables -S");
    const Json result = scene.connect("web", 1, true);
    REQUIRE(!reaches_outside());
    const Json keys{{"prevResult", result}};
    const auto added = FirewallScene::firewall("ADD", "web", 1, keys);
    REQUIRE_MESSAGE(added.ok(), added.out);
    CHECK(added.err.empty());
    check_connected_by_both();
    const std::string listed = scene.printed("iptables -S FORWARD; ip6tables -S FORWARD");
    CHECK(listed.find("-A FORWARD -s 10.1.0.2/32 -m comment --comment \"net1/web/eth0\" -j ACCEPT\n") !=
          std::string::npos);
    CHECK(FirewallScene::firewall("CHECK", "web", 1, keys).ok());
    REQUIRE(FirewallScene::firewall("ADD", "web", 1, keys).ok());  // a second time
    CHECK(scene.printed("iptables -S FORWARD; ip6tables -S FORWARD") == listed);
    for (int time = 0; time < 2; ++time) {
      CHECK(FirewallScene::firewall("DEL", "web", 1).ok());
      CHECK(scene.printed("iptables -S; ip6tables -S") == before);
    }
    CHECK(!reaches_outside());
    CHECK(scene.host.elements("forward4").empty());
    CHECK(scene.host.elements("forwarded6").empty());
  }
}

TEST_CASE("on a host that drops nothing, ADD creates no iptables table or rule") {
  FirewallScene scene;
  scene.add("web", 1, Json::object(), true);
  CHECK(scene.printed("nft list tables") == "table inet footbridge\n");
  check_connected(Host::kHostAddress, "10.9.0.9", Host::kOutsideAddress);
}

TEST_CASE("an administrator's earlier drop rule stays in effect") {
  FirewallScene scene;
  scene.sh("iptables -P FORWARD DROP; iptables -A FORWARD -s 10.1.0.0/24 -p tcp --dport 7000 -j DROP");
  scene.add("web", 1);
  CHECK(!reaches_outside());
  CHECK(talk("web", Host::kOutsideAddress, 7001, Server("outside", Transport::tcp, 7001)));
}

TEST_CASE("CHECK fails after a new drop policy, a missing rule, or a drop inserted before ours") {
  FirewallScene scene;
  const Json keys{{"prevResult", scene.add("web", 1)}};
  const auto checked = [&] { return FirewallScene::firewall("CHECK", "web", 1, keys); };
  CHECK(checked().ok());
  scene.sh("iptables -P FORWARD DROP");
  CHECK(checked().json()["code"] == 100);
  REQUIRE(FirewallScene::firewall("ADD", "web", 1, keys).ok());
  CHECK(checked().ok());
  scene.sh("iptables -D FORWARD 1");
  CHECK(checked().json()["msg"].get<std::string>().find("add rule ip filter FORWARD ip saddr 10.1.0.2") !=
        std::string::npos);
  REQUIRE(FirewallScene::firewall("ADD", "web", 1, keys).ok());
  scene.sh("iptables -I FORWARD -j DROP");
  CHECK(checked().json()["code"] == 100);
  scene.sh("nft flush table inet footbridge; iptables -D FORWARD 1");
  CHECK(checked().json()["code"] == 100);
}

TEST_CASE("ADD, CHECK and STATUS report another table that drops everything, with a command that fixes it") {
  FirewallScene scene;
  scene.sh(
      "nft add table inet strict; nft 'add chain inet strict fwd1 { type filter hook forward priority 0; policy drop; "
      "}'");
  const Json result = scene.connect("web", 1, true);
  const Json keys{{"prevResult", result}};
  const auto added = FirewallScene::firewall("ADD", "web", 1, keys);
  REQUIRE_MESSAGE(added.ok(), added.out);
  CHECK(added.err.find("inet strict fwd1 drops every new connection") != std::string::npos);
  CHECK(!reaches_outside());
  CHECK(FirewallScene::firewall("CHECK", "web", 1, keys).json()["code"] == 100);
  const auto status = FirewallScene::firewall("STATUS", "web", 1);
  CHECK(status.json()["code"] == 51);
  CHECK(status.json()["details"].get<std::string>().find("nft insert rule inet strict fwd1") != std::string::npos);
  const std::string advice = added.err.substr(added.err.find(": nft insert") + 2);
  scene.sh(advice.substr(0, advice.find('\n')));
  check_connected_by_both();
  CHECK(FirewallScene::firewall("CHECK", "web", 1, keys).ok());
  CHECK(FirewallScene::firewall("STATUS", "web", 1).ok());
  CHECK(FirewallScene::firewall("ADD", "web", 1, keys).err.find("drops what none of its rules accepts") !=
        std::string::npos);
}

TEST_CASE("STATUS succeeds if iptables drops, because ADD adds rules") {
  FirewallScene scene;
  CHECK(FirewallScene::firewall("STATUS", "web", 1).ok());
  scene.sh(kPolicy);
  CHECK(FirewallScene::firewall("STATUS", "web", 1).ok());
}

TEST_CASE("a drop of iptables-legacy is reported, with commands that fix it") {
  FirewallScene scene;
  if (scene.host.try_run({}, {"iptables-legacy", "-P", "FORWARD", "DROP"}).exit_code != 0) {
    MESSAGE("SKIP: this kernel has no iptables-legacy");
    return;
  }
  const Json keys{{"prevResult", scene.connect("web", 1, true)}};
  const auto added = FirewallScene::firewall("ADD", "web", 1, keys);
  REQUIRE_MESSAGE(added.ok(), added.out);
  CHECK(added.err.find("chain FORWARD of iptables-legacy drops every new connection") != std::string::npos);
  CHECK(FirewallScene::firewall("STATUS", "web", 1).json()["code"] == 51);
  CHECK(!reaches_outside());
  const std::string advice = added.err.substr(added.err.find(": iptables-legacy") + 2);
  scene.sh(advice.substr(0, advice.find('\n')));
  check_connected(Host::kHostAddress, "10.1.0.2", Host::kOutsideAddress);
  CHECK(FirewallScene::firewall("STATUS", "web", 1).ok());
}

TEST_CASE("GC deletes only the rules of attachments that are not valid") {
  FirewallScene scene;
  scene.sh(kPolicy);
  scene.add("web", 1);
  scene.add("dead", 1);
  scene.add("other", 2);
  Json keys{{"cni.dev/valid-attachments", {{{"containerID", "web"}, {"ifname", "eth0"}}}}};
  REQUIRE(test::call({"firewall", "GC", {}, {}, FirewallScene::config("firewall", 1, keys).dump(), {}}).ok());
  const std::string listed = scene.printed("iptables -S FORWARD; ip6tables -S FORWARD");
  CHECK(listed.find("net1/dead/eth0") == std::string::npos);
  CHECK(listed.find("10.1.0.2/32") != std::string::npos);
  CHECK(listed.find("10.2.0.2/32") != std::string::npos);
  CHECK(scene.host.elements("forward4").size() == 2);
  CHECK(scene.host.elements("forwarded6").size() == 2);
  CHECK(reaches_outside());
}

TEST_CASE("concurrent ADDs and DELs leave exactly the rules of existing attachments") {
  FirewallScene scene;
  scene.sh(kPolicy);
  std::vector<test::Call> calls;
  for (int i = 0; i < 8; ++i) {
    const std::string name = "c" + std::to_string(i);
    const Json keys{{"prevResult", scene.connect(name, 1)}};
    calls.push_back({"firewall", "ADD", name, "/run/netns/" + name, FirewallScene::config("firewall", 1, keys).dump()});
  }
  for (const test::Outcome& outcome : test::call_together(calls)) CHECK_MESSAGE(outcome.ok(), outcome.out);
  CHECK(scene.printed("iptables -S FORWARD | grep -c ACCEPT") == "16\n");
  for (test::Call& call : calls) call.verb = "DEL";
  for (const test::Outcome& outcome : test::call_together(calls)) CHECK_MESSAGE(outcome.ok(), outcome.out);
  CHECK(scene.printed("iptables -S FORWARD") == "-P FORWARD DROP\n");
  CHECK(scene.host.elements("forward4").empty());
}

TEST_CASE("DEL deletes the rules of the reference plugin, and keeps its chains") {
  FirewallScene scene;
  const Json keys{{"prevResult", scene.connect("web", 1)}};
  scene.sh(
      "iptables -N CNI-FORWARD; iptables -A CNI-FORWARD -d 10.1.0.2/32 -m conntrack --ctstate RELATED,ESTABLISHED -j "
      "ACCEPT;"
      "iptables -A CNI-FORWARD -s 10.1.0.2/32 -j ACCEPT; iptables -A CNI-FORWARD -s 10.1.0.3/32 -j ACCEPT");
  CHECK(FirewallScene::firewall("CHECK", "web", 1, keys).ok());  // after the reference's ADD
  CHECK(FirewallScene::firewall("DEL", "web", 1, keys).ok());
  CHECK(scene.printed("iptables -S CNI-FORWARD") == "-N CNI-FORWARD\n-A CNI-FORWARD -s 10.1.0.3/32 -j ACCEPT\n");
}

TEST_CASE("after a flush, rules are restored from prevResult, twice without an error") {
  FirewallScene scene;
  scene.sh(kPolicy);
  Json keys{{"ingressPolicy", "isolated"}};
  keys["prevResult"] = scene.add("web", 1, keys, true);
  scene.sh("nft flush ruleset; iptables -P FORWARD DROP; ip6tables -P FORWARD DROP");
  const cni::Environment environment{
      {"CNI_COMMAND", "DEL"}, {"CNI_CONTAINERID", "web"}, {"CNI_IFNAME", "eth0"}, {"CNI_PATH", test::bin()}};
  for (int time = 0; time < 2; ++time) {
    for (const char* plugin : {"portmap", "firewall"}) {
      Json config = FirewallScene::published();
      config.update(keys);
      const std::string input = FirewallScene::config(plugin, 1, config).dump();
      const auto request = cni::parse_request(environment, cni::kAllVersions, [&] { return input; });
      (plugin == std::string("portmap") ? portmap::plugin() : firewall::plugin()).restore(request);
    }
  }
  CHECK(FirewallScene::firewall("CHECK", "web", 1, keys).ok());
  CHECK(scene.printed("iptables -S FORWARD | grep -c 10.1.0.2/32") == "2\n");
  CHECK(talk("outside", Host::kHostAddress, FirewallScene::kHostPort,
             Server("web", Transport::tcp, FirewallScene::kContainerPort)));
}

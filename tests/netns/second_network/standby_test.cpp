// SPDX-License-Identifier: Apache-2.0
// A container with published ports on two networks: the second attachment stands by, and takes over the ports when the
// first one is deleted.
#include <doctest/doctest.h>

#include "tests/netns/host.h"
#include "tests/netns/talk.h"

using test::call;
using test::Host;
using test::Json;
using test::Outcome;
using test::Server;
using test::talk;
using test::Transport;

namespace {

constexpr std::uint16_t kHostPort = 8080;
constexpr std::uint16_t kContainerPort = 80;

// One attachment to a dual-stack network by bridge and portmap, as a runtime calls them.
struct Attachment {
  std::string network;
  std::string id;
  std::string ifname;
  Json bridge = nullptr;
  Json portmap = nullptr;

  Attachment(const std::string& id, int number, const std::string& network_name = {})
      : network(network_name.empty() ? "net" + std::to_string(number) : network_name),
        id(id),
        ifname("eth" + std::to_string(number)) {
    const std::string digit = std::to_string(number);
    bridge = Json::parse(R"({"cniVersion": "1.1.0", "type": "bridge", "isDefaultGateway": true, "ipMasq": true,
                             "hairpinMode": true, "ipam": {"type": "host-local"}})");
    bridge["name"] = network;
    bridge["bridge"] = "br" + digit;
    bridge["ipam"]["ranges"] =
        Json::parse(R"([[{"subnet": "10.2)" + digit + R"(.0.0/24"}], [{"subnet": "fd00:2)" + digit + R"(::/64"}]])");
    const Outcome added = call_bridge("ADD");
    REQUIRE_MESSAGE(added.ok(), added.out);
    portmap = {{"cniVersion", "1.1.0"}, {"name", network}, {"type", "portmap"}, {"prevResult", added.json()}};
    portmap["runtimeConfig"]["portMappings"] =
        Json::parse(R"([{"hostPort": 8080, "containerPort": 80, "protocol": "tcp"},
                        {"hostPort": 8080, "containerPort": 80, "protocol": "udp"}])");
  }

  [[nodiscard]] Outcome call_bridge(const std::string& verb) const {
    return call({"bridge", verb, id, "/run/netns/" + id, bridge.dump(), ifname});
  }
  [[nodiscard]] Outcome call_portmap(const std::string& verb) const {
    return call({"portmap", verb, id, "/run/netns/" + id, portmap.dump(), ifname});
  }
  void publish() const {
    const Outcome published = call_portmap("ADD");
    REQUIRE_MESSAGE(published.ok(), published.out);
  }
  void remove() const {
    CHECK(call_portmap("DEL").ok());
    CHECK(call_bridge("DEL").ok());
  }
  // GC of the network, with no valid attachment.
  void collect() const {
    Json none = portmap;
    none["cni.dev/valid-attachments"] = Json::array();
    none.erase("prevResult");
    none.erase("runtimeConfig");
    const Outcome collected = call({"portmap", "GC", "", "", none.dump(), ""});
    CHECK_MESSAGE(collected.ok(), collected.out);
    CHECK(call_bridge("DEL").ok());
  }
};

struct Scene {
  Host host;
  Scene() {
    host.add_outside("outside");
    host.add_netns("c");
  }
  [[nodiscard]] std::string holders(const std::string& set) const { return host.elements(set).dump(); }
};

// The port is reached from outside, from the container itself and from localhost, over both families.
void expect_served(Transport transport) {
  const Server server("c", transport, kContainerPort);
  CHECK(talk("outside", Host::kHostAddress, kHostPort, server));
  CHECK(talk("outside", Host::kHostAddress6, kHostPort, server));
  CHECK(talk("c", Host::kHostAddress, kHostPort, server));  // hairpin
  CHECK(talk("c", Host::kHostAddress6, kHostPort, server));
  CHECK(talk("", "127.0.0.1", kHostPort, server));
}

}  // namespace

TEST_CASE("a container's second attachment stands by, and takes over the ports when the first one is gone") {
  Scene scene;
  const Attachment first("c", 0);
  first.publish();
  const Attachment second("c", 1);
  second.publish();
  for (const char* set : {"hostport4", "hostport6"}) CHECK(scene.holders(set).find("net0/c/eth0") != std::string::npos);
  for (const char* set : {"standby4", "standby6"}) CHECK(scene.holders(set).find("net1/c/eth1") != std::string::npos);
  expect_served(Transport::tcp);  // a UDP server would reply from the address of its default route
  for (const Attachment* one : {&first, &second}) CHECK(one->call_portmap("CHECK").ok());
  SUBCASE("by DEL") { first.remove(); }
  SUBCASE("by GC") { first.collect(); }
  SUBCASE("its link vanishes, and ADD of the second one runs again") {
    scene.host.run({"ip", "link", "delete", "eth0"}, "c");
    CHECK_FALSE(second.call_portmap("CHECK").ok());
    second.publish();
  }
  for (const char* set : {"standby4", "standby6"}) CHECK_MESSAGE(scene.host.elements(set).empty(), set);
  CHECK(second.call_portmap("CHECK").ok());
  for (const Transport transport : {Transport::tcp, Transport::udp}) expect_served(transport);
  second.remove();
  for (const char* set : {"hostport4", "hostport6"}) CHECK_MESSAGE(scene.host.elements(set).empty(), set);
}

TEST_CASE("a UDP client that keeps sending reaches the container through its other network") {
  Scene scene;
  const Attachment first("c", 0);
  first.publish();
  const test::UdpClient client("outside", Host::kHostAddress, kHostPort);
  const test::UdpClient client6("outside", Host::kHostAddress6, kHostPort);
  const Attachment second("c", 1);
  second.publish();
  for (const auto* one : {&client, &client6}) CHECK(test::receives("c", kContainerPort, *one));
  SUBCASE("by DEL") { first.remove(); }
  SUBCASE("by GC") { first.collect(); }
  SUBCASE("its link vanishes, and another container wants the port") {
    scene.host.run({"ip", "link", "delete", "eth0"}, "c");
    scene.host.add_netns("stranger");
    const Attachment stranger("stranger", 2);
    const Outcome rejected = stranger.call_portmap("ADD");
    CHECK(rejected.json()["code"] == 101);
    CHECK(rejected.out.find("net1/c/eth1") != std::string::npos);
  }
  for (const auto* one : {&client, &client6}) CHECK(test::receives("c", kContainerPort, *one));
}

TEST_CASE("an established connection continues when another attachment starts or stops standing by") {
  Scene scene;
  const Attachment first("c", 0);
  first.publish();
  const test::UdpClient client("outside", Host::kHostAddress, kHostPort);
  REQUIRE(test::receives("c", kContainerPort, client));
  const Attachment second("c", 1);
  second.publish();
  second.remove();
  CHECK(test::receives("c", kContainerPort, client));
  for (const char* set : {"standby4", "standby6"}) CHECK_MESSAGE(scene.host.elements(set).empty(), set);
}

TEST_CASE("if an owner is too long for an element's comment, the alias of the host end identifies the container") {
  Scene scene;
  const std::string id(64, 'c');
  scene.host.add_netns(id);
  const Attachment first(id, 0, std::string(120, 'a'));
  first.publish();
  const Attachment second(id, 1, std::string(120, 'b'));
  second.publish();
  CHECK(scene.host.elements("standby4").size() == 2);
  first.remove();
  CHECK(scene.host.elements("standby4").empty());
  CHECK(scene.holders("hostport4").find(std::string(99, 'b')) != std::string::npos);
  second.remove();
}

// SPDX-License-Identifier: Apache-2.0
// A container with a published UDP port is replaced by another while its client goes on sending.
#include <doctest/doctest.h>

#include "tests/netns/bridge/config.h"
#include "tests/netns/host.h"
#include "tests/netns/talk.h"

using test::call;
using test::Host;
using test::Json;
using test::Outcome;

namespace {

constexpr std::uint16_t kHostPort = 5353;
constexpr std::uint16_t kContainerPort = 53;

// bridge and portmap for one container, as a runtime calls them.
struct Container {
  Host& host;
  std::string id;
  std::string netns;
  Json config = nullptr;  // portmap's

  Container(Host& host, const std::string& id) : host(host), id(id), netns(host.add_netns(id)) {
    const Outcome added = call({"bridge", "ADD", id, netns, test::kDual});
    REQUIRE_MESSAGE(added.ok(), added.out);
    config = {{"cniVersion", "1.0.0"}, {"name", "d"}, {"type", "portmap"}, {"prevResult", added.json()}};
    config["runtimeConfig"]["portMappings"] =
        Json::parse(R"([{"hostPort": 5353, "containerPort": 53, "protocol": "udp"}])");
  }

  [[nodiscard]] Outcome publish() const { return call({"portmap", "ADD", id, netns, config.dump()}); }

  void remove() const {
    CHECK(call({"portmap", "DEL", id, netns, config.dump()}).ok());
    CHECK(call({"bridge", "DEL", id, netns, test::kDual}).ok());
    host.remove_netns(id);
  }

  [[nodiscard]] bool hears(const test::UdpClient& client) const { return test::hears(id, kContainerPort, client); }
};

}  // namespace

TEST_CASE("a UDP client that never stops sending follows the port to the next container, without waiting") {
  Host host;
  host.add_outside("outside");
  const test::UdpClient client("outside", Host::kHostAddress, kHostPort);
  const test::UdpClient client6("outside", Host::kHostAddress6, kHostPort);
  const Container old(host, "old");
  REQUIRE(old.publish().ok());
  REQUIRE(old.hears(client));
  REQUIRE(old.hears(client6));
  const Container next(host, "next");
  SUBCASE("it sends while nobody has the port, and connection tracking remembers the host") {
    old.remove();
    for (const auto* one : {&client, &client6}) one->send();
  }
  SUBCASE("it does not") { old.remove(); }
  SUBCASE("the next one asks too early") {
    const Outcome too_early = next.publish();
    CHECK_FALSE(too_early.ok());
    CHECK(too_early.out.find("d/old/eth0") != std::string::npos);
    CHECK(old.hears(client));  // and nothing changed for it
    CHECK(old.hears(client6));
    old.remove();
  }
  SUBCASE("nobody calls DEL, but the container is gone") {
    host.run({"ip", "link", "delete", "eth0"}, "old");
    host.remove_netns("old");
  }
  REQUIRE(next.publish().ok());
  CHECK(next.hears(client));
  CHECK(next.hears(client6));
}

TEST_CASE("a UDP client follows its port when ADD is called again, for another address") {
  Host host;
  host.add_outside("outside");
  const test::UdpClient client("outside", Host::kHostAddress, kHostPort);
  Container container(host, "c");
  REQUIRE(container.publish().ok());
  REQUIRE(container.hears(client));
  host.run({"ip", "address", "delete", "10.2.0.2/24", "dev", "eth0"}, "c");
  host.run({"ip", "address", "add", "10.2.0.9/24", "dev", "eth0"}, "c");
  container.config["prevResult"]["ips"][0]["address"] = "10.2.0.9/24";
  REQUIRE(container.publish().ok());
  CHECK(container.hears(client));
}

TEST_CASE("what is left of a dead container whose ports another one has taken over goes with its DEL") {
  Host host;
  const Container old(host, "old");
  REQUIRE(old.publish().ok());
  host.run({"ip", "link", "delete", "eth0"}, "old");
  host.remove_netns("old");
  const Container next(host, "next");
  REQUIRE(next.publish().ok());
  SUBCASE("with the ports") { CHECK(call({"portmap", "DEL", "old", old.netns, old.config.dump()}).ok()); }
  SUBCASE("without anything but its name") {
    CHECK(call({"portmap", "DEL", "old", "", R"({"cniVersion":"1.0.0","name":"d","type":"portmap"})"}).ok());
  }
  CHECK(call({"bridge", "DEL", "old", "", test::kDual}).ok());
  CHECK(host.run({"nft", "list", "ruleset"}).find("d/old/eth0") == std::string::npos);
  CHECK(host.run({"nft", "list", "ruleset"}).find("d/next/eth0") != std::string::npos);
}

// SPDX-License-Identifier: Apache-2.0
// A container with a published UDP port is replaced while its client keeps sending.
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

  [[nodiscard]] bool receives(const test::UdpClient& client) const {
    return test::receives(id, kContainerPort, client);
  }
};

}  // namespace

TEST_CASE("a UDP client that keeps sending reaches the port's next container at once") {
  Host host;
  host.add_outside("outside");
  const test::UdpClient client("outside", Host::kHostAddress, kHostPort);
  const test::UdpClient client6("outside", Host::kHostAddress6, kHostPort);
  const Container old(host, "old");
  REQUIRE(old.publish().ok());
  REQUIRE(old.receives(client));
  REQUIRE(old.receives(client6));
  const Container next(host, "next");
  SUBCASE("it sends while the port is not published, and connection tracking records the host as destination") {
    old.remove();
    for (const auto* one : {&client, &client6}) one->send();
  }
  SUBCASE("it sends nothing while the port is not published") { old.remove(); }
  SUBCASE("the next container is added before the old one is deleted") {
    const Outcome too_early = next.publish();
    CHECK_FALSE(too_early.ok());
    CHECK(too_early.out.find("d/old/eth0") != std::string::npos);
    CHECK(old.receives(client));  // the old container keeps the port
    CHECK(old.receives(client6));
    old.remove();
  }
  SUBCASE("the container is gone without a DEL") {
    host.run({"ip", "link", "delete", "eth0"}, "old");
    host.remove_netns("old");
  }
  REQUIRE(next.publish().ok());
  CHECK(next.receives(client));
  CHECK(next.receives(client6));
}

TEST_CASE("a UDP client reaches the container after a second ADD with another address") {
  Host host;
  host.add_outside("outside");
  const test::UdpClient client("outside", Host::kHostAddress, kHostPort);
  Container container(host, "c");
  REQUIRE(container.publish().ok());
  REQUIRE(container.receives(client));
  host.run({"ip", "address", "delete", "10.2.0.2/24", "dev", "eth0"}, "c");
  host.run({"ip", "address", "add", "10.2.0.9/24", "dev", "eth0"}, "c");
  container.config["prevResult"]["ips"][0]["address"] = "10.2.0.9/24";
  REQUIRE(container.publish().ok());
  CHECK(container.receives(client));
}

TEST_CASE("DEL cleans up after a dead container whose ports another container has") {
  Host host;
  const Container old(host, "old");
  REQUIRE(old.publish().ok());
  host.run({"ip", "link", "delete", "eth0"}, "old");
  host.remove_netns("old");
  const Container next(host, "next");
  REQUIRE(next.publish().ok());
  SUBCASE("with ports and prevResult") { CHECK(call({"portmap", "DEL", "old", old.netns, old.config.dump()}).ok()); }
  SUBCASE("without ports and prevResult") {
    CHECK(call({"portmap", "DEL", "old", "", R"({"cniVersion":"1.0.0","name":"d","type":"portmap"})"}).ok());
  }
  CHECK(call({"bridge", "DEL", "old", "", test::kDual}).ok());
  CHECK(host.run({"nft", "list", "ruleset"}).find("d/old/eth0") == std::string::npos);
  CHECK(host.run({"nft", "list", "ruleset"}).find("d/next/eth0") != std::string::npos);
}

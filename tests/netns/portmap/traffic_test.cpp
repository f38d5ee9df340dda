// SPDX-License-Identifier: Apache-2.0
// Published ports and masquerading with traffic: clients that reach the container, and the address that it sees.
#include <doctest/doctest.h>

#include "tests/netns/bridge/config.h"
#include "tests/netns/host.h"
#include "tests/netns/talk.h"

using test::call;
using test::Host;
using test::Json;
using test::kDual;
using test::Server;
using test::talk;
using test::Transport;

namespace {

constexpr std::uint16_t kHostPort = 8080;
constexpr std::uint16_t kContainerPort = 80;

using Seen = std::optional<std::string>;

// One container with published ports, a neighbour on its bridge, another network, and a machine outside.
struct Scene {
  Host host;
  Json result;

  explicit Scene(const Json& portmap_keys = Json::object(), const Json& mappings = both_transports()) {
    host.add_outside("outside");
    result = attach("server", kDual);
    attach("neighbour", kDual);
    Json other = Json::parse(kDual);
    other["name"] = "other";
    other["bridge"] = "br-other";
    other["ipam"]["ranges"] = Json::parse(R"([[{"subnet":"10.3.0.0/24"}],[{"subnet":"fd00:3::/64"}]])");
    attach("stranger", other.dump());
    const auto published = call({"portmap", "ADD", "server", "/run/netns/server", config(portmap_keys, mappings)});
    REQUIRE_MESSAGE(published.ok(), published.out);
  }

  static Json both_transports() {
    return Json::parse(R"([{"hostPort":8080,"containerPort":80,"protocol":"tcp"},
                           {"hostPort":8080,"containerPort":80,"protocol":"udp"}])");
  }

  [[nodiscard]] std::string config(const Json& keys, const Json& mappings) const {
    Json json = {{"cniVersion", "1.0.0"}, {"name", "d"}, {"type", "portmap"}, {"prevResult", result}};
    json["runtimeConfig"]["portMappings"] = mappings;
    json.update(keys);
    return json.dump();
  }

  Json attach(const std::string& name, const std::string& config) {
    const auto added = call({"bridge", "ADD", name, host.add_netns(name), config});
    REQUIRE_MESSAGE(added.ok(), added.out);
    return added.json();
  }
};

}  // namespace

TEST_CASE("all clients reach a published port; the container sees a client's own address if it can reply to it") {
  Scene scene;
  for (const Transport transport : {Transport::tcp, Transport::udp}) {
    CAPTURE(transport == Transport::udp);
    const Server server("server", transport, kContainerPort);
    const auto from = [&](const std::string& netns, const std::string& address) {
      return talk(netns, address, kHostPort, server);
    };
    CHECK(from("outside", Host::kHostAddress) == Seen(Host::kOutsideAddress));
    CHECK(from("outside", Host::kHostAddress6) == Seen(Host::kOutsideAddress6));
    CHECK(from("neighbour", Host::kHostAddress) == Seen("10.2.0.1"));  // hairpin: through the host
    CHECK(from("neighbour", Host::kHostAddress6) == Seen("fd00:2::1"));
    CHECK(from("neighbour", "10.2.0.1") == Seen("10.2.0.1"));       // by the gateway's address too
    CHECK(from("server", Host::kHostAddress) == Seen("10.2.0.1"));  // the container itself
    CHECK(from("server", Host::kHostAddress6) == Seen("fd00:2::1"));
    CHECK(from("stranger", Host::kHostAddress) == Seen("10.2.0.1"));  // masqueraded by its own network
    CHECK(from("stranger", Host::kHostAddress6) == Seen("fd00:2::1"));
    CHECK(from("", "127.0.0.1") == Seen("10.2.0.1"));
    CHECK(from("", Host::kHostAddress) == Seen(Host::kHostAddress));
    CHECK(from("", Host::kHostAddress6) == Seen(Host::kHostAddress6));
  }
}

TEST_CASE("a port with a hostIP is published on that address only") {
  Scene scene(Json::object(),
              Json::parse(R"([{"hostPort":8080,"containerPort":80,"protocol":"tcp","hostIP":"192.168.1.2"},
                                  {"hostPort":9090,"containerPort":80,"protocol":"tcp","hostIP":"127.0.0.1"},
                                  {"hostPort":7070,"containerPort":80,"protocol":"tcp","hostIP":"fd99::2"},
                                  {"hostPort":6060,"containerPort":80,"protocol":"tcp","hostIP":"0.0.0.0"},
                                  {"hostPort":5050,"containerPort":80,"protocol":"tcp","hostIP":"::"}])"));
  const Server server("server", Transport::tcp, kContainerPort);
  CHECK(talk("outside", Host::kHostAddress, 8080, server));
  CHECK(test::cannot_talk("", "127.0.0.1", 8080, server));
  CHECK(test::cannot_talk("outside", Host::kHostAddress6, 8080, server));
  CHECK(talk("", "127.0.0.1", 9090, server));
  CHECK(test::cannot_talk("outside", Host::kHostAddress, 9090, server));
  CHECK(talk("outside", Host::kHostAddress6, 7070, server));
  CHECK(test::cannot_talk("outside", Host::kHostAddress, 7070, server));
  CHECK(talk("outside", Host::kHostAddress, 6060, server));
  CHECK(test::cannot_talk("outside", Host::kHostAddress6, 6060, server));
  CHECK(talk("outside", Host::kHostAddress6, 5050, server));
  CHECK(test::cannot_talk("outside", Host::kHostAddress, 5050, server));
}

TEST_CASE("without snat, outside reaches the port; localhost and the container's own network do not") {
  Scene scene(Json{{"snat", false}});
  const Server server("server", Transport::tcp, kContainerPort);
  CHECK(talk("outside", Host::kHostAddress, kHostPort, server) == Seen(Host::kOutsideAddress));
  CHECK(test::cannot_talk("", "127.0.0.1", kHostPort, server));
  CHECK(test::cannot_talk("server", Host::kHostAddress, kHostPort, server));
  CHECK(scene.host.elements("snat4").empty());
}

TEST_CASE("forwarded traffic to the number of a published port is not redirected") {
  Scene scene;
  scene.host.run({"ip", "route", "add", "default", "via", Host::kHostAddress}, "outside");
  const Server server("stranger", Transport::tcp, kHostPort);
  CHECK(talk("outside", "10.3.0.2", kHostPort, server) == Seen(Host::kOutsideAddress));
}

TEST_CASE("containers are masqueraded to the outside, and not to each other") {
  Scene scene;
  const Server outside("outside", Transport::tcp, 7000);
  CHECK(talk("server", Host::kOutsideAddress, 7000, outside) == Seen(Host::kHostAddress));
  CHECK(talk("server", Host::kOutsideAddress6, 7000, outside) == Seen(Host::kHostAddress6));
  const Server neighbour("neighbour", Transport::tcp, 7000);
  CHECK(talk("server", "10.2.0.3", 7000, neighbour) == Seen("10.2.0.2"));
  CHECK(talk("server", "fd00:2::3", 7000, neighbour) == Seen("fd00:2::2"));
  const Server host("", Transport::tcp, 7000);
  CHECK(talk("server", "10.2.0.1", 7000, host) == Seen("10.2.0.2"));
}

TEST_CASE("a container cannot reach services on the host's localhost") {
  Scene scene;
  REQUIRE(scene.host.run({"cat", "/proc/sys/net/ipv4/conf/br-dual/route_localnet"}) == "1\n");
  // The attack: a route to 127.0.0.1 via the gateway.
  scene.host.run({"ip", "address", "delete", "127.0.0.1/8", "dev", "lo"}, "server");
  scene.host.run({"sysctl", "-q", "net.ipv4.conf.all.route_localnet=1"}, "server");
  scene.host.run({"ip", "route", "add", "127.0.0.1/32", "via", "10.2.0.1"}, "server");
  const Server host("", Transport::tcp, 7000);
  CHECK(test::cannot_talk("server", "127.0.0.1", 7000, host));
  scene.host.run({"nft", "flush", "chain", "inet", "footbridge", "guard"});
  CHECK(talk("server", "127.0.0.1", 7000, host));  // only chain guard prevents it
}

TEST_CASE("SCTP ports are published like the others") {
  Scene scene(Json::object(), Json::parse(R"([{"hostPort":9999,"containerPort":99,"protocol":"sctp"}])"));
  CHECK(scene.host.elements("hostport4").dump().find("sctp") != std::string::npos);
  CHECK(scene.host.elements("hostport6").dump().find("sctp") != std::string::npos);
  if (!test::is_supported(Transport::sctp)) {
    MESSAGE("SKIP: this kernel has no SCTP: no traffic is sent");
    return;
  }
  const Server server("server", Transport::sctp, 99);
  CHECK(talk("outside", Host::kHostAddress, 9999, server) == Seen(Host::kOutsideAddress));
  CHECK(talk("outside", Host::kHostAddress6, 9999, server) == Seen(Host::kOutsideAddress6));
}

// SPDX-License-Identifier: Apache-2.0
// Masquerading options: exclusions, fixed source addresses, random ports.
#include <doctest/doctest.h>

#include "tests/netns/matrix/expect.h"

namespace {

using test::kItself;
using test::Rows;
using test::Topic;
using test::Transport;

const Rows kWithin{{"server", "neighbour", kItself, kItself},
                   {"server", "gateway", kItself, kItself},
                   {"server", "host", kItself, kItself},
                   {"outside", "server", kItself, kItself},
                   {"server", "group", kItself, kItself, "udp"}};
const Rows kWithinPtp{kWithin.begin(), kWithin.end() - 1};

const Rows kExcluded{{"server", "outside", kItself, kItself},
                     {"server", "remote", "remote's gateway", kItself},
                     {"server", "stranger", "stranger's gateway", "stranger's gateway"}};
const Rows kV4Only{{"server", "outside", "host", kItself}, {"server", "stranger", "stranger's gateway", kItself}};
const Rows kV6Only{{"server", "outside", kItself, "host"}, {"server", "stranger", kItself, "stranger's gateway"}};
const Rows kFixed{{"server", "outside", "fixed", "fixed"}, {"server", "stranger", "fixed", "fixed"}};
const Rows kOwnFixed{{"server", "outside", "second", "host"}, {"server", "remote", "second", "remote's gateway"}};
const Rows kUsual{{"server", "outside", "host", "host"},
                  {"server", "stranger", "stranger's gateway", "stranger's gateway"}};

constexpr const char* kExclude =
    R"({"masquerade": {"exclude": ["192.168.1.0/24", "fd99::/64", "fd00:4::/64", "198.51.100.0/24"]}})";
constexpr const char* kNoIpv6 = R"({"masquerade": {"ipv6": false}})";
constexpr const char* kNoIpv4 = R"({"masquerade": {"ipv4": false}})";
constexpr const char* kSources = R"({"masquerade": {"source": ["192.0.2.7", "2001:db8::7"]}})";
constexpr const char* kSource = R"({"masquerade": {"source": "192.168.1.20"}})";
constexpr const char* kRandom = R"({"masquerade": {"randomFully": true}})";
constexpr const char* kRandomSources =
    R"({"masquerade": {"randomFully": true, "source": ["192.0.2.7", "2001:db8::7"]}})";

const std::vector<Topic> kTopics{
    {.name = "bridge, exclude", .main = kExclude, .rows = kWithin + kExcluded},
    {.name = "ptp, exclude", .type = "ptp", .main = kExclude, .rows = kWithinPtp + kExcluded},
    {.name = "bridge, IPv4 only", .main = kNoIpv6, .rows = kWithin + kV4Only},
    {.name = "bridge, IPv6 only", .main = kNoIpv4, .rows = kWithin + kV6Only},
    {.name = "ptp, IPv4 only", .type = "ptp", .main = kNoIpv6, .rows = kWithinPtp + kV4Only},
    {.name = "bridge, sources", .main = kSources, .rows = kWithin + kFixed},
    {.name = "bridge, sources, br_netfilter", .main = kSources, .has_br_netfilter = true, .rows = kWithin + kFixed},
    {.name = "ptp, sources", .type = "ptp", .main = kSources, .rows = kWithinPtp + kFixed},
    {.name = "bridge, a source address of the host", .main = kSource, .rows = kWithin + kOwnFixed},
    {.name = "bridge, random ports", .main = kRandom, .rows = kWithin + kUsual},
    {.name = "bridge, random ports, sources", .main = kRandomSources, .rows = kWithin + kFixed},
};

struct Ports {
  int kept = 0;
  int others = 0;
};

// Counts the connections from server to outside that keep their source port, and those that do not.
Ports ports_seen(test::Scene& scene, const Topic& topic) {
  scene.set_up(topic);
  test::Exchange exchange;
  std::vector<test::Probe> probes;
  for (const Transport transport : {Transport::tcp, Transport::udp}) {
    exchange.listen("outside", transport, 7000);
    for (int i = 0; i < 20; ++i) {
      probes.push_back({"server", scene.address("outside", i % 2 == 0), 7000, transport, "outside", 7000});
    }
  }
  Ports ports;
  for (const test::Reply& reply : exchange.run(probes)) {
    REQUIRE(reply.is_answered);
    ++(reply.seen_port == reply.client_port ? ports.kept : ports.others);
  }
  scene.take_down();
  return ports;
}

}  // namespace

TEST_CASE("the masquerading options decide a connection's source address") { test::expect(kTopics, 200); }

TEST_CASE("masquerading keeps the source port, except with randomFully") {
  test::Scene scene;
  const Ports usual = ports_seen(scene, {.name = "usual"});
  CHECK(usual.others == 0);
  for (const char* options : {kRandom, kRandomSources}) {
    const Ports random = ports_seen(scene, {.name = "random", .main = options});
    CHECK(random.kept <= 1);  // a random port can equal the old one
    CHECK(random.others >= 39);
  }
}

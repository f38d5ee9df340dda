// SPDX-License-Identifier: Apache-2.0
// Concurrent calls, as when a node starts.
#include <set>

#include <doctest/doctest.h>

#include "tests/netns/bridge/config.h"
#include "tests/netns/host.h"

using test::call;
using test::Host;
using test::Json;
using test::kDual;

namespace {

constexpr int kCount = 32;

std::string portmap(const Json& previous, int port) {
  Json json = Json::parse(test::with_previous(test::kPortmap, previous));
  json["name"] = "d";
  json["runtimeConfig"]["portMappings"] = {{{"hostPort", port}, {"containerPort", 80}, {"protocol", "tcp"}}};
  return json.dump();
}

}  // namespace

TEST_CASE("32 concurrent first ADDs create one bridge, one table and 32 addresses; 32 DELs leave nothing") {
  Host host;
  std::vector<test::Call> adds;
  for (int i = 0; i < kCount; ++i) {
    const std::string name = "c" + std::to_string(i);
    adds.push_back({"bridge", "ADD", name, host.add_netns(name), kDual});
  }
  std::set<std::string> addresses;
  std::set<std::string> bridge_macs;
  std::vector<test::Call> publish;
  const auto added = call_together(adds);
  for (int i = 0; i < kCount; ++i) {
    REQUIRE_MESSAGE(added[i].ok(), added[i].out);
    const Json result = added[i].json();
    for (const Json& ip : result["ips"]) addresses.insert(ip["address"]);
    bridge_macs.insert(result["interfaces"][0]["mac"].get<std::string>());
    publish.push_back({"portmap", "ADD", adds[i].id, adds[i].netns, portmap(result, 8000 + i)});
  }
  CHECK(addresses.size() == 2 * kCount);
  CHECK(bridge_macs.size() == 1);
  CHECK(host.ip("link show type bridge").size() == 1);
  for (const auto& outcome : call_together(publish)) CHECK_MESSAGE(outcome.ok(), outcome.out);
  CHECK(host.elements("masq4").size() == kCount);
  CHECK(host.elements("masq6").size() == kCount);
  CHECK(host.elements("hostport4").size() == kCount);
  CHECK(host.elements("local4").size() == 1);
  CHECK(host.try_run("c0", {"ping", "-c", "1", "-W", "2", "10.2.0.1"}).exit_code == 0);

  for (const bool of_portmap : {true, false}) {
    auto calls = of_portmap ? publish : adds;
    for (test::Call& one : calls) one.verb = "DEL";
    for (const auto& outcome : call_together(calls)) CHECK_MESSAGE(outcome.ok(), outcome.out);
  }
  for (const char* set : {"masq4", "masq6", "owners4", "owners6", "hostport4", "hostport6", "snat4", "publishers"}) {
    CHECK_MESSAGE(host.elements(set).empty(), set);
  }
  CHECK(host.run({"ip", "-br", "link", "show", "type", "veth"}).empty());
  CHECK(host.run({"ls", "/var/lib/cni/networks/d"}) == "last_reserved_ip.0\nlast_reserved_ip.1\nlock\n");
}

TEST_CASE("exactly one of several concurrent ADDs with the same host port succeeds") {
  Host host;
  std::vector<test::Call> publish;
  for (int i = 0; i < 8; ++i) {
    const std::string name = "c" + std::to_string(i);
    const auto added = call({"bridge", "ADD", name, host.add_netns(name), kDual});
    REQUIRE_MESSAGE(added.ok(), added.out);
    publish.push_back({"portmap", "ADD", name, "/run/netns/" + name, portmap(added.json(), 8080)});
  }
  int winners = 0;
  for (const auto& outcome : call_together(publish)) {
    if (outcome.ok()) ++winners;
    if (!outcome.ok()) CHECK(outcome.json()["code"] == 101);
  }
  CHECK(winners == 1);
  CHECK(host.elements("hostport4").size() == 1);
  CHECK(host.elements("publishers").size() == 1);
}

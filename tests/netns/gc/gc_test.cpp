// SPDX-License-Identifier: Apache-2.0
// GC deletes everything of attachments that are not in cni.dev/valid-attachments, and nothing else.
#include <set>
#include <sstream>

#include <doctest/doctest.h>

#include "lib/net/owner.h"
#include "tests/netns/host.h"
#include "tests/netns/talk.h"

using test::call;
using test::Call;
using test::Host;
using test::Json;

namespace {

Json bridge_of(const std::string& network, const std::string& subnet) {
  return Json::parse(R"({"cniVersion": "1.1.0", "type": "bridge", "bridge": "cni0", "isGateway": true, "ipMasq": true,
                         "name": ")" +
                     network + R"(", "ipam": {"type": "host-local", "subnet": ")" + subnet +
                     R"(", "routes": [{"dst": "0.0.0.0/0"}]}})");
}

Json ptp_of(const std::string& network, const std::string& subnet) {
  Json config = bridge_of(network, subnet);
  config["type"] = "ptp";
  config.erase("bridge");
  return config;
}

Json portmap_of(const std::string& network) {
  return {{"cniVersion", "1.1.0"}, {"name", network}, {"type", "portmap"}};
}

test::Outcome collect(Json config, const std::vector<std::string>& alive) {
  config["cni.dev/valid-attachments"] = Json::array();
  for (const std::string& id : alive) {
    config["cni.dev/valid-attachments"].push_back({{"containerID", id}, {"ifname", "eth0"}});
  }
  return call({config["type"], "GC", {}, {}, config.dump(), {}});
}

Json publish(const Json& result, const std::string& network, int port) {
  Json config = portmap_of(network);
  config["prevResult"] = result;
  config["runtimeConfig"]["portMappings"] = {{{"hostPort", port}, {"containerPort", 80}, {"protocol", "tcp"}}};
  return config;
}

// The container IDs in the network's leases.
std::set<std::string> leases(const Host& host, const std::string& network) {
  const std::string text = host.run({"sh", "-c",
                                     "cd /var/lib/cni/networks/" + network +
                                         " && for f in [0-9f]*; do sed -n 1p $f 2>/dev/null; done | tr -d '\\r'"});
  std::istringstream lines(text);
  std::set<std::string> found;
  for (std::string line; std::getline(lines, line);) found.insert(line);
  return found;
}

// The owners in the comments of a set's elements.
std::set<std::string> owners(const Host& host, const std::string& set) {
  std::set<std::string> found;
  for (const Json& element : host.elements(set)) {
    const Json& key = element.is_array() ? element[0] : element;  // a map's element is a pair
    found.insert(key["elem"].value("comment", ""));
  }
  return found;
}

std::string joined(const Json& json) { return json.dump(); }

}  // namespace

TEST_CASE("GC of 200 attachments deletes the 100 that are not valid, and the others carry traffic") {
  constexpr int kAll = 200;
  constexpr int kFirstPort = 20000;
  Host host;
  host.add_outside("outside");
  const Json config = bridge_of("n", "10.1.0.0/16");
  std::vector<Json> results(kAll);
  for (int first = 0; first < kAll; first += 20) {
    std::vector<Call> calls;
    for (int i = first; i < first + 20; ++i) {
      const std::string id = "c" + std::to_string(i);
      calls.push_back({"bridge", "ADD", id, host.add_netns(id), config.dump()});
    }
    const auto outcomes = test::call_together(calls);
    for (std::size_t i = 0; i < outcomes.size(); ++i) {
      REQUIRE_MESSAGE(outcomes[i].ok(), outcomes[i].out);
      results[static_cast<std::size_t>(first) + i] = outcomes[i].json();
    }
  }
  std::vector<std::string> alive;
  for (int i = 0; i < kAll; ++i) {
    const std::string id = "c" + std::to_string(i);
    const Json ports = publish(results[static_cast<std::size_t>(i)], "n", kFirstPort + i);
    REQUIRE(call({"portmap", "ADD", id, "/run/netns/" + id, ports.dump()}).ok());
    if (i % 2 == 0) alive.push_back(id);
    if (i % 4 == 1) host.remove_netns(id);  // half of the others have no container
  }
  REQUIRE(host.elements("masq4").size() == kAll);
  REQUIRE(host.elements("hostport4").size() == kAll);

  for (int round = 0; round < 2; ++round) {
    const auto ports = collect(portmap_of("n"), alive);
    CHECK_MESSAGE(ports.ok(), ports.out);
    const auto collected = collect(config, alive);
    CHECK_MESSAGE(collected.ok(), collected.out);
    CHECK(collected.out.empty());
    std::set<std::string> living;
    for (const std::string& id : alive) living.insert("n/" + id + "/eth0");
    for (const char* set : {"masq4", "owners4", "hostport4", "publishers", "snat4"}) {
      CHECK_MESSAGE(host.elements(set).size() == alive.size(), set);
      CHECK_MESSAGE(owners(host, set) == living, set);
    }
    CHECK(leases(host, "n") == std::set<std::string>(alive.begin(), alive.end()));
  }

  std::set<std::string> links;
  for (const Json& link : host.ip("link show master cni0")) links.insert(link["ifalias"]);
  CHECK(links.size() == alive.size());
  const test::Server outside("outside", test::Transport::tcp, 80);
  for (const std::string& id : alive) {
    CAPTURE(id);
    CHECK(links.contains("n/" + id + "/eth0"));
    CHECK(test::talk(id, Host::kOutsideAddress, 80, outside) == Host::kHostAddress);
    const test::Server server(id, test::Transport::tcp, 80);
    const auto port = static_cast<std::uint16_t>(kFirstPort + std::stoi(id.substr(1)));
    CHECK(test::talk("outside", Host::kHostAddress, port, server) == Host::kOutsideAddress);
  }
}

TEST_CASE("GC with an empty list deletes all of its network, and nothing of other networks or operators") {
  Host host;
  const Json mine = bridge_of("n", "10.1.0.0/24");
  const Json other = bridge_of("n2", "10.2.0.0/24");
  Json shared = other;
  shared["bridge"] = "cni1";
  const auto first = call({"bridge", "ADD", "c1", host.add_netns("c1"), mine.dump()});
  const auto second = call({"bridge", "ADD", "c1", host.add_netns("c2"), shared.dump()});
  REQUIRE(first.ok());
  REQUIRE(second.ok());
  REQUIRE(call({"portmap", "ADD", "c1", "/run/netns/c1", publish(first.json(), "n", 8080).dump()}).ok());
  REQUIRE(call({"portmap", "ADD", "c1", "/run/netns/c2", publish(second.json(), "n2", 8081).dump()}).ok());
  host.run({"nft", "add", "element", "inet", "footbridge", "masq4", "{ 10.77.0.1 }"});
  host.run({"nft", "add", "element", "inet", "footbridge", "masq4", "{ 10.77.0.2 comment \"n/note of an operator\" }"});
  host.run({"ip", "link", "add", "tap7", "type", "veth", "peer", "name", "tap8"});
  host.run({"ip", "link", "set", "dev", "tap7", "alias", "n"});

  CHECK(collect(portmap_of("n"), {}).ok());
  CHECK(collect(mine, {}).ok());
  CHECK(host.try_run("c1", {"ip", "link", "show", "dev", "eth0"}).exit_code != 0);
  CHECK(leases(host, "n").empty());
  const std::string masq = joined(host.elements("masq4"));
  CHECK(masq.find("10.1.0.2") == std::string::npos);
  CHECK(masq.find("10.2.0.2") != std::string::npos);
  CHECK(masq.find("10.77.0.1") != std::string::npos);
  CHECK(masq.find("10.77.0.2") != std::string::npos);
  CHECK(host.elements("hostport4").size() == 1);
  CHECK(host.try_run({}, {"ip", "link", "show", "dev", "tap7"}).exit_code == 0);

  Json check = shared;
  check["prevResult"] = second.json();
  const auto checked = call({"bridge", "CHECK", "c1", "/run/netns/c2", check.dump()});
  CHECK_MESSAGE(checked.ok(), checked.out);
}

TEST_CASE("GC deletes leftovers of a killed ADD, and attachments with IDs of any length") {
  Host host;
  Json config = bridge_of("n", "10.1.0.0/24");
  REQUIRE(call({"bridge", "ADD", "c1", host.add_netns("c1"), config.dump()}).ok());
  const net::Owner owner{"n", "c1", "eth0"};
  host.run({"ip", "link", "set", "dev", owner.host_end().text(), "alias", owner.unfinished_alias()});
  const std::string long_id(180, 'c');
  const std::string longest_id(250, 'd');
  REQUIRE(call({"bridge", "ADD", long_id, host.add_netns("c2"), config.dump()}).ok());
  REQUIRE(call({"bridge", "ADD", longest_id, host.add_netns("c3"), config.dump()}).ok());
  REQUIRE(call({"bridge", "ADD", std::string(180, 'e'), host.add_netns("c4"), config.dump()}).ok());
  CHECK(collect(config, {std::string(180, 'e')}).ok());
  CHECK(host.ip("link show master cni0").size() == 1);
  CHECK(host.elements("masq4").size() == 1);
  CHECK(leases(host, "n") == std::set<std::string>{std::string(180, 'e')});
}

TEST_CASE("GC keeps an operator's link that has an alias like ours") {
  Host host;
  const Json config = bridge_of("n", "10.1.0.0/24");
  host.run({"ip", "link", "add", "up0", "type", "veth", "peer", "name", "up1"});
  host.run({"ip", "link", "set", "dev", "up0", "alias", "n/uplink/eth0"});
  CHECK(collect(config, {}).ok());
  CHECK(host.try_run({}, {"ip", "link", "show", "dev", "up0"}).exit_code == 0);
}

TEST_CASE("the log contains each deleted object with its owner") {
  Host host;
  const Json config = ptp_of("p", "10.5.0.0/16");
  for (int i = 0; i < 30; ++i) {
    const std::string id = "c" + std::to_string(i);
    REQUIRE(call({"ptp", "ADD", id, host.add_netns(id), config.dump()}).ok());
  }
  Json logged = config;
  logged["logFile"] = "/run/gc.log";
  CHECK(collect(logged, {}).ok());
  const std::string line = host.run({"sh", "-c", "grep '\"plugin\":\"ptp\"' /run/gc.log"});
  for (int i = 0; i < 30; ++i) {
    const std::string owner = "collect p/c" + std::to_string(i) + "/eth0: ";
    CHECK(line.find(owner + "masq4 10.5.") != std::string::npos);
    CHECK(line.find(owner + "link veth") != std::string::npos);
  }
}

TEST_CASE("GC continues after a failed IPAM plugin and reports its error") {
  Host host;
  Json config = bridge_of("n", "10.1.0.0/24");
  REQUIRE(call({"bridge", "ADD", "c1", host.add_netns("c1"), config.dump()}).ok());
  config["ipam"]["type"] = "none-such";
  const auto collected = collect(config, {});
  CHECK(!collected.ok());
  CHECK(collected.json()["msg"].get<std::string>().find("failed to find plugin \"none-such\"") != std::string::npos);
  CHECK(host.elements("masq4").empty());
  CHECK(host.run({"ip", "-br", "link", "show", "type", "veth"}).empty());
}

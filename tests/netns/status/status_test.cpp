// SPDX-License-Identifier: Apache-2.0
// STATUS tells beforehand what ADD would fail at.
#include <doctest/doctest.h>

#include "tests/netns/host.h"

using test::call;
using test::Host;
using test::Json;

namespace {

const Json kBridge = Json::parse(R"({"cniVersion": "1.1.0", "name": "n", "type": "bridge", "bridge": "cni0",
  "isGateway": true, "ipMasq": true, "ipam": {"type": "host-local", "subnet": "10.1.0.0/24"}})");
const Json kPtp = Json::parse(R"({"cniVersion": "1.1.0", "name": "p", "type": "ptp", "ipMasq": true,
  "ipam": {"type": "host-local", "subnet": "10.1.0.0/24"}})");
const Json kPortmap = Json::parse(R"({"cniVersion": "1.1.0", "name": "n", "type": "portmap"})");

test::Outcome status(const Json& config) { return call({config["type"], "STATUS", {}, {}, config.dump(), {}}); }

// "50: text" of a refusal, "" of success.
std::string refusal(const Json& config) {
  const auto told = status(config);
  if (told.ok()) return told.out;
  return std::to_string(told.json()["code"].get<int>()) + ": " + told.json()["msg"].get<std::string>();
}

// The same by a process that may not change the network.
test::Outcome without_privilege(const Host& host, const Json& config) {
  const auto output =
      host.try_run({},
                   {"setpriv", "--bounding-set=-net_admin", "--inh-caps=-net_admin", "env", "CNI_COMMAND=STATUS",
                    "CNI_PATH=" + test::bin(), test::bin() + "/" + config["type"].get<std::string>()},
                   config.dump());
  return {output.exit_code, output.out, output.err};
}

}  // namespace

TEST_CASE("a host where ADD works says nothing, before and after the first ADD, and is not changed") {
  Host host;
  const std::string before = host.snapshot();
  for (const Json& config : {kBridge, kPtp, kPortmap}) CHECK(refusal(config).empty());
  CHECK(test::difference(before, host.snapshot()).empty());
  REQUIRE(call({"bridge", "ADD", "c1", host.add_netns("x"), kBridge.dump()}).ok());
  const std::string after = host.snapshot();
  for (const Json& config : {kBridge, kPortmap}) CHECK(refusal(config).empty());
  CHECK(test::difference(after, host.snapshot()).empty());
}

TEST_CASE("a table that is not whole is no reason to complain: the next ADD mends it") {
  Host host;
  REQUIRE(call({"bridge", "ADD", "c1", host.add_netns("x"), kBridge.dump()}).ok());
  host.run({"nft", "flush", "chain", "inet", "footbridge", "postrouting"});
  const std::string before = host.snapshot();
  CHECK(refusal(kBridge).empty());
  CHECK(test::difference(before, host.snapshot()).empty());
}

TEST_CASE("the bridge's name is another kind of link's") {
  Host host;
  host.run({"ip", "link", "add", "cni0", "type", "veth", "peer", "name", "cni1"});
  CHECK(refusal(kBridge) == "50: \"cni0\" already exists but is not a bridge");
}

TEST_CASE("the subnet, or a part of it, is routed elsewhere") {
  Host host;
  host.run({"ip", "link", "add", "lan0", "type", "veth", "peer", "name", "lan1"});
  host.run({"ip", "link", "set", "dev", "lan0", "up"});
  host.run({"ip", "link", "set", "dev", "lan1", "up"});
  for (const char* route : {"10.1.0.0/24", "10.1.0.128/25"}) {
    host.run({"ip", "route", "add", route, "dev", "lan0"});
    CHECK(refusal(kBridge) == "50: subnet 10.1.0.0/24 overlaps the host's route to " + std::string(route));
    CHECK(status(kBridge).json()["details"].get<std::string>().find("lan0") != std::string::npos);
    host.run({"ip", "route", "delete", route, "dev", "lan0"});
  }
  Json ranges = kBridge;
  ranges["ipam"] =
      Json::parse(R"({"type": "host-local", "ranges": [[{"subnet": "10.9.0.0/24"}], [{"subnet": "fd00:1::/64"}]]})");
  CHECK(refusal(ranges).empty());
  host.run({"ip", "-6", "route", "add", "fd00:1::/64", "dev", "lan0", "metric", "256"});
  CHECK(refusal(ranges) == "50: subnet fd00:1::/64 overlaps the host's route to fd00:1::/64");
}

TEST_CASE("in a wide network that the host is itself in, it is a router that must not be hidden among the containers") {
  Host host;
  host.run({"ip", "link", "add", "lan0", "type", "veth", "peer", "name", "lan1"});
  host.run({"ip", "link", "set", "dev", "lan0", "up"});
  host.run({"ip", "address", "add", "10.200.0.9/8", "dev", "lan0"});
  CHECK(refusal(kBridge).empty());
  host.run({"ip", "route", "add", "default", "via", "10.1.0.9"});
  CHECK(refusal(kBridge) == "50: subnet 10.1.0.0/24 overlaps the host's route to 10.0.0.0/8");
}

TEST_CASE("where the host has no part in the network, or other routes are meant to be there, there is no overlap") {
  Host host;
  host.run({"ip", "link", "add", "lan0", "type", "veth", "peer", "name", "lan1"});
  host.run({"ip", "link", "set", "dev", "lan0", "up"});
  host.run({"ip", "address", "add", "10.1.0.5/24", "dev", "lan0"});
  Json lan = kBridge;  // containers on the host's own LAN, by a bridge that is no gateway
  lan["isGateway"] = false;
  CHECK(refusal(lan).empty());
  CHECK(!refusal(kBridge).empty());
  Json node = kBridge;  // this node's part of a cluster's subnet, and the way to another node's
  node["ipam"] = Json::parse(R"({"type": "host-local", "subnet": "10.244.0.0/16", "rangeStart": "10.244.1.1",
                                 "rangeEnd": "10.244.1.254"})");
  host.run({"ip", "route", "add", "10.244.2.0/24", "dev", "lan0"});
  CHECK(refusal(node).empty());
  host.run({"ip", "route", "add", "10.244.1.128/25", "dev", "lan0"});
  CHECK(refusal(node) == "50: subnet 10.244.0.0/16 overlaps the host's route to 10.244.1.128/25");
}

TEST_CASE("wider routes, routes of other tables, to single addresses and the network's own are no overlap") {
  Host host;
  host.run({"ip", "link", "add", "lan0", "type", "veth", "peer", "name", "lan1"});
  host.run({"ip", "link", "set", "dev", "lan1", "up"});
  host.run({"ip", "link", "set", "dev", "lan0", "up"});
  host.run({"ip", "route", "add", "default", "dev", "lan0"});
  host.run({"ip", "route", "add", "10.0.0.0/8", "dev", "lan0"});  // a tunnel to all of a company, for one
  host.run({"ip", "route", "add", "10.1.0.0/24", "dev", "lan0", "table", "100"});
  host.run({"ip", "route", "add", "10.1.0.7/32", "dev", "lan0"});
  CHECK(refusal(kBridge).empty());
  REQUIRE(call({"bridge", "ADD", "c1", host.add_netns("x"), kBridge.dump()}).ok());
  CHECK(refusal(kBridge).empty());
}

TEST_CASE("without nf_tables, or the right to use it, masquerading and ports cannot be") {
  Host host;
  for (const Json& config : {kBridge, kPtp, kPortmap}) {
    const auto told = without_privilege(host, config);
    REQUIRE_MESSAGE(!told.ok(), told.out);
    CHECK(told.json()["code"] == 50);
    CHECK(told.json()["msg"] == "table inet footbridge cannot be used");
    CHECK(told.json()["details"].get<std::string>().find("not permitted") != std::string::npos);
  }
  Json plain = kBridge;
  plain["ipMasq"] = false;
  CHECK(without_privilege(host, plain).ok());
}

TEST_CASE("a bad configuration is told by STATUS as by ADD, and IPAM's own answer is passed on") {
  Host host;
  Json bad = kBridge;
  bad["mtu"] = "1500";
  CHECK(refusal(bad).starts_with("7: failed to load netconf: mtu: "));
  Json without = kPtp;
  without.erase("ipam");
  CHECK(refusal(without) == "7: no plugin name provided");
  Json missing = kBridge;
  missing["ipam"]["type"] = "none-such";
  CHECK(refusal(missing).starts_with("50: failed to find plugin \"none-such\""));
}

// SPDX-License-Identifier: Apache-2.0
// STATUS reports reasons for which ADD would fail.
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

// The error as "50: text"; "" if STATUS succeeds.
std::string error_of(const Json& config) {
  const auto result = status(config);
  if (result.ok()) return result.out;
  return std::to_string(result.json()["code"].get<int>()) + ": " + result.json()["msg"].get<std::string>();
}

// STATUS without CAP_NET_ADMIN.
test::Outcome without_privilege(const Host& host, const Json& config) {
  const auto output =
      host.try_run({},
                   {"setpriv", "--bounding-set=-net_admin", "--inh-caps=-net_admin", "env", "CNI_COMMAND=STATUS",
                    "CNI_PATH=" + test::bin(), test::bin() + "/" + config["type"].get<std::string>()},
                   config.dump());
  return {output.exit_code, output.out, output.err};
}

}  // namespace

TEST_CASE("STATUS succeeds before and after the first ADD, and changes nothing") {
  Host host;
  const std::string before = host.snapshot();
  for (const Json& config : {kBridge, kPtp, kPortmap}) CHECK(error_of(config).empty());
  CHECK(test::difference(before, host.snapshot()).empty());
  REQUIRE(call({"bridge", "ADD", "c1", host.add_netns("x"), kBridge.dump()}).ok());
  const std::string after = host.snapshot();
  for (const Json& config : {kBridge, kPortmap}) CHECK(error_of(config).empty());
  CHECK(test::difference(after, host.snapshot()).empty());
}

TEST_CASE("STATUS succeeds with a damaged table, because the next ADD repairs it") {
  Host host;
  REQUIRE(call({"bridge", "ADD", "c1", host.add_netns("x"), kBridge.dump()}).ok());
  host.run({"nft", "flush", "chain", "inet", "footbridge", "postrouting"});
  const std::string before = host.snapshot();
  CHECK(error_of(kBridge).empty());
  CHECK(test::difference(before, host.snapshot()).empty());
}

TEST_CASE("STATUS fails if the link with the bridge's name is not a bridge") {
  Host host;
  host.run({"ip", "link", "add", "cni0", "type", "veth", "peer", "name", "cni1"});
  CHECK(error_of(kBridge) == "50: \"cni0\" already exists but is not a bridge");
}

TEST_CASE("STATUS fails if the host has a route to the subnet or a part of it") {
  Host host;
  host.run({"ip", "link", "add", "lan0", "type", "veth", "peer", "name", "lan1"});
  host.run({"ip", "link", "set", "dev", "lan0", "up"});
  host.run({"ip", "link", "set", "dev", "lan1", "up"});
  for (const char* route : {"10.1.0.0/24", "10.1.0.128/25"}) {
    host.run({"ip", "route", "add", route, "dev", "lan0"});
    CHECK(error_of(kBridge) == "50: subnet 10.1.0.0/24 overlaps the host's route to " + std::string(route));
    CHECK(status(kBridge).json()["details"].get<std::string>().find("lan0") != std::string::npos);
    host.run({"ip", "route", "delete", route, "dev", "lan0"});
  }
  Json ranges = kBridge;
  ranges["ipam"] =
      Json::parse(R"({"type": "host-local", "ranges": [[{"subnet": "10.9.0.0/24"}], [{"subnet": "fd00:1::/64"}]]})");
  CHECK(error_of(ranges).empty());
  host.run({"ip", "-6", "route", "add", "fd00:1::/64", "dev", "lan0", "metric", "256"});
  CHECK(error_of(ranges) == "50: subnet fd00:1::/64 overlaps the host's route to fd00:1::/64");
}

TEST_CASE("STATUS fails if the subnet contains the gateway of the host's own, wider network") {
  Host host;
  host.run({"ip", "link", "add", "lan0", "type", "veth", "peer", "name", "lan1"});
  host.run({"ip", "link", "set", "dev", "lan0", "up"});
  host.run({"ip", "address", "add", "10.200.0.9/8", "dev", "lan0"});
  CHECK(error_of(kBridge).empty());
  host.run({"ip", "route", "add", "default", "via", "10.1.0.9"});
  CHECK(error_of(kBridge) == "50: subnet 10.1.0.0/24 overlaps the host's route to 10.0.0.0/8");
}

TEST_CASE("a network without gateway, and routes outside of the range, are no overlap") {
  Host host;
  host.run({"ip", "link", "add", "lan0", "type", "veth", "peer", "name", "lan1"});
  host.run({"ip", "link", "set", "dev", "lan0", "up"});
  host.run({"ip", "address", "add", "10.1.0.5/24", "dev", "lan0"});
  Json lan = kBridge;  // containers on the host's LAN
  lan["isGateway"] = false;
  CHECK(error_of(lan).empty());
  CHECK(!error_of(kBridge).empty());
  Json node = kBridge;  // this node's range of a cluster's subnet; below, a route to another node's range
  node["ipam"] = Json::parse(R"({"type": "host-local", "subnet": "10.244.0.0/16", "rangeStart": "10.244.1.1",
                                 "rangeEnd": "10.244.1.254"})");
  host.run({"ip", "route", "add", "10.244.2.0/24", "dev", "lan0"});
  CHECK(error_of(node).empty());
  host.run({"ip", "route", "add", "10.244.1.128/25", "dev", "lan0"});
  CHECK(error_of(node) == "50: subnet 10.244.0.0/16 overlaps the host's route to 10.244.1.128/25");
}

TEST_CASE("wider routes, routes in other tables, routes to single addresses and our own routes are no overlap") {
  Host host;
  host.run({"ip", "link", "add", "lan0", "type", "veth", "peer", "name", "lan1"});
  host.run({"ip", "link", "set", "dev", "lan1", "up"});
  host.run({"ip", "link", "set", "dev", "lan0", "up"});
  host.run({"ip", "route", "add", "default", "dev", "lan0"});
  host.run({"ip", "route", "add", "10.0.0.0/8", "dev", "lan0"});  // for example, a VPN
  host.run({"ip", "route", "add", "10.1.0.0/24", "dev", "lan0", "table", "100"});
  host.run({"ip", "route", "add", "10.1.0.7/32", "dev", "lan0"});
  CHECK(error_of(kBridge).empty());
  REQUIRE(call({"bridge", "ADD", "c1", host.add_netns("x"), kBridge.dump()}).ok());
  CHECK(error_of(kBridge).empty());
}

TEST_CASE("STATUS fails without CAP_NET_ADMIN if the network needs nf_tables") {
  Host host;
  for (const Json& config : {kBridge, kPtp, kPortmap}) {
    const auto result = without_privilege(host, config);
    REQUIRE_MESSAGE(!result.ok(), result.out);
    CHECK(result.json()["code"] == 50);
    CHECK(result.json()["msg"] == "table inet footbridge cannot be used");
    CHECK(result.json()["details"].get<std::string>().find("not permitted") != std::string::npos);
  }
  Json plain = kBridge;
  plain["ipMasq"] = false;
  CHECK(without_privilege(host, plain).ok());
}

TEST_CASE("STATUS reports an invalid configuration as ADD does, and passes on the IPAM plugin's error") {
  Host host;
  Json bad = kBridge;
  bad["mtu"] = "1500";
  CHECK(error_of(bad).starts_with("7: failed to load netconf: mtu: "));
  Json without = kPtp;
  without.erase("ipam");
  CHECK(error_of(without) == "7: no plugin name provided");
  Json missing = kBridge;
  missing["ipam"]["type"] = "none-such";
  CHECK(error_of(missing).starts_with("50: failed to find plugin \"none-such\""));
}

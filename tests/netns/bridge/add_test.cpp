// SPDX-License-Identifier: Apache-2.0
// The state of the kernel after ADD, DEL and CHECK of the bridge plugin, as `ip` and `nft` print it.
#include <set>

#include <doctest/doctest.h>

#include "tests/netns/bridge/config.h"
#include "tests/netns/host.h"

using test::call;
using test::Host;
using test::Json;
using test::kBridge;
using test::kDual;

namespace {

const Json& link_named(const Json& links, const std::string& name) {
  for (const Json& link : links) {
    if (link["ifname"] == name) return link;
  }
  FAIL("no link " << name);
  return links;
}

std::set<std::string> addresses(const Host& host, const std::string& link, const std::string& netns) {
  std::set<std::string> found;
  for (const Json& entry : host.ip("address show dev " + link, netns)) {
    for (const Json& one : entry.value("addr_info", Json::array())) {
      if (one["scope"] == "link") continue;
      found.insert(one["local"].get<std::string>() + "/" + std::to_string(one["prefixlen"].get<int>()));
    }
  }
  return found;
}

}  // namespace

TEST_CASE("after ADD the links, addresses, routes and sysctls are those of the result") {
  Host host;
  const std::string netns = host.add_netns("x");
  const Json result = call({"bridge", "ADD", "c1", netns, kDual}).json();
  const Json links = host.ip("-d link");
  const Json& bridge = link_named(links, "br-dual");
  const Json& port = link_named(links, result["interfaces"][1]["name"]);
  CHECK(bridge["linkinfo"]["info_kind"] == "bridge");
  CHECK(bridge["address"] == result["interfaces"][0]["mac"]);
  CHECK(port["master"] == "br-dual");
  CHECK(port["ifalias"] == "d/c1/eth0");
  CHECK(port["linkinfo"]["info_slave_data"]["hairpin"] == true);
  CHECK(port["operstate"] == "UP");
  CHECK(link_named(host.ip("link", "x"), "eth0")["address"] == result["interfaces"][2]["mac"]);
  CHECK(addresses(host, "eth0", "x") == std::set<std::string>{"10.2.0.2/24", "fd00:2::2/64"});
  CHECK(addresses(host, "br-dual", "") == std::set<std::string>{"10.2.0.1/24", "fd00:2::1/64"});
  CHECK(host.ip("route show default", "x")[0]["gateway"] == "10.2.0.1");
  CHECK(host.ip("-6 route show default", "x")[0]["gateway"] == "fd00:2::1");
  for (const char* key : {"net/ipv4/ip_forward", "net/ipv6/conf/all/forwarding"}) {
    CHECK(host.run({"cat", std::string("/proc/sys/") + key}) == "1\n");
  }
  CHECK(host.run({"cat", "/proc/sys/net/ipv6/conf/br-dual/accept_ra"}) == "0\n");
  CHECK(host.run({"cat", "/proc/sys/net/ipv6/conf/eth0/accept_ra"}, "x") == "0\n");
}

TEST_CASE("an IPv6 address is usable at once, except with enabledad") {
  Host host;
  const std::string netns = host.add_netns("x");
  REQUIRE(call({"bridge", "ADD", "c1", netns, kDual}).ok());
  CHECK(host.try_run("x", {"ping", "-6", "-c", "1", "-W", "1", "fd00:2::1"}).exit_code == 0);
  REQUIRE(call({"bridge", "DEL", "c1", netns, kDual}).ok());
  Json config = Json::parse(kDual);
  config["enabledad"] = true;
  REQUIRE(call({"bridge", "ADD", "c1", netns, config.dump()}).ok());
  CHECK(host.run({"cat", "/proc/sys/net/ipv6/conf/eth0/accept_dad"}, "x") == "1\n");
  CHECK(host.run({"cat", "/proc/sys/net/ipv6/conf/eth0/enhanced_dad"}, "x") == "1\n");
  CHECK(host.run({"ip", "-6", "address", "show", "dev", "eth0"}, "x").find("nodad") == std::string::npos);
}

TEST_CASE("the bridge keeps its MAC address when a port with a lower one joins") {
  Host host;
  REQUIRE(call({"bridge", "ADD", "c1", host.add_netns("x"), kBridge}).ok());
  const std::string mac = host.ip("link show dev cni0")[0]["address"];
  host.run({"ip", "link", "add", "low", "address", "02:00:00:00:00:01", "type", "veth", "peer", "name", "low2"});
  host.run({"ip", "link", "set", "low", "master", "cni0"});
  CHECK(host.ip("link show dev cni0")[0]["address"] == mac);
}

TEST_CASE("an operator's bridge keeps its MAC address, from the first container on") {
  Host host;
  host.run({"ip", "link", "add", "cni0", "type", "bridge"});
  const std::string mac = host.ip("link show dev cni0")[0]["address"];
  for (const char* name : {"x", "y", "z"}) {
    REQUIRE(call({"bridge", "ADD", name, host.add_netns(name), kBridge}).ok());
    CHECK(host.ip("link show dev cni0")[0]["address"] == mac);
  }
  for (const char* name : {"x", "y", "z"}) REQUIRE(call({"bridge", "DEL", name, "", kBridge}).ok());
  CHECK(host.ip("link show dev cni0")[0]["address"] == mac);
}

TEST_CASE("ADD allocates an address and adds a gateway for each range set, and DEL releases all addresses") {
  Host host;
  const std::string netns = host.add_netns("x");
  const std::string config = R"({"cniVersion":"1.0.0","name":"n","type":"bridge","isGateway":true,"ipMasq":true,
    "ipam":{"type":"host-local",
            "ranges":[[{"subnet":"10.1.0.0/24"}],[{"subnet":"10.3.0.0/24"}],[{"subnet":"fd00::/64"}]]}})";
  const auto added = call({"bridge", "ADD", "c1", netns, config});
  REQUIRE_MESSAGE(added.ok(), added.out);
  CHECK(addresses(host, "eth0", "x") == std::set<std::string>{"10.1.0.2/24", "10.3.0.2/24", "fd00::2/64"});
  CHECK(addresses(host, "cni0", "") == std::set<std::string>{"10.1.0.1/24", "10.3.0.1/24", "fd00::1/64"});
  CHECK(host.elements("masq4").size() == 2);
  CHECK(host.elements("owners4").size() == 2);
  CHECK(call({"bridge", "CHECK", "c1", netns, test::with_previous(config, added.json())}).ok());
  REQUIRE(call({"bridge", "ADD", "c2", host.add_netns("y"), config}).ok());  // the gateways already exist
  REQUIRE(call({"bridge", "DEL", "c1", "", config}).ok());
  CHECK(host.elements("masq4").size() == 2);
  REQUIRE(call({"bridge", "DEL", "c2", "", config}).ok());
  for (const char* set : {"masq4", "masq6", "owners4", "owners6"}) CHECK(host.elements(set).empty());
}

TEST_CASE("dns of the configuration replaces dns of IPAM") {
  Host host;
  Json config = Json::parse(kBridge);
  config["dns"] = {{"nameservers", {"10.1.0.1"}}, {"domain", "example.org"}};
  const Json result = call({"bridge", "ADD", "c1", host.add_netns("x"), config.dump()}).json();
  CHECK(result["dns"] == config["dns"]);
}

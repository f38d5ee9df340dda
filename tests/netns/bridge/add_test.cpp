// ADD, DEL and CHECK of the bridge chain in a real kernel: what `ip` and `nft` show afterwards.
#include <set>

#include <doctest/doctest.h>

#include "tests/netns/bridge/config.h"
#include "tests/netns/host.h"

using test::call;
using test::Call;
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

TEST_CASE("the reference's worked example gives the reference's JSON and files") {
  Host host;
  const std::string netns = host.add_netns("x");
  const auto added =
      call({"bridge", "ADD", "c1", netns, R"({"cniVersion":"1.0.0","name":"n","type":"bridge","bridge":"cni0",
    "isGateway":true,"ipMasq":true,"ipam":{"type":"host-local","subnet":"10.1.0.0/24","routes":[{"dst":"0.0.0.0/0"}]}})"});
  REQUIRE_MESSAGE(added.ok(), added.out);
  Json result = added.json();
  for (Json& interface : result["interfaces"]) {
    CHECK(interface["mac"].get<std::string>().size() == 17);
    interface["mac"] = "..";
  }
  CHECK(result["interfaces"][1]["name"].get<std::string>().starts_with("veth"));
  result["interfaces"][1]["name"] = "vethX";
  CHECK(result == Json::parse(R"({"cniVersion":"1.0.0",
    "interfaces":[{"mac":"..","name":"cni0"},{"mac":"..","name":"vethX"},{"mac":"..","name":"eth0","sandbox":"/run/netns/x"}],
    "ips":[{"address":"10.1.0.2/24","gateway":"10.1.0.1","interface":2}],"routes":[{"dst":"0.0.0.0/0"}]})"));
  CHECK(host.run({"cat", "/var/lib/cni/networks/n/10.1.0.2"}) == "c1\r\neth0");
  CHECK(host.run({"cat", "/var/lib/cni/networks/n/last_reserved_ip.0"}) == "10.1.0.2");
  CHECK(host.run({"ls", "/var/lib/cni/networks/n"}) == "10.1.0.2\nlast_reserved_ip.0\nlock\n");
}

TEST_CASE("older versions get the older shapes of the same result") {
  Host host;
  const std::string netns = host.add_netns("x");
  const auto config = [](const std::string& version) {
    Json json = Json::parse(kBridge);
    json["cniVersion"] = version;
    return json.dump();
  };
  const Json v04 = call({"bridge", "ADD", "c1", netns, config("0.4.0")}).json();
  CHECK(v04["ips"][0]["version"] == "4");
  CHECK(v04["dns"] == Json::object());
  REQUIRE(call({"bridge", "DEL", "c1", netns, config("0.4.0")}).ok());
  const Json v02 = call({"bridge", "ADD", "c1", netns, config("0.2.0")}).json();
  CHECK(v02 == Json::parse(R"({"cniVersion":"0.2.0","ip4":{"ip":"10.1.0.3/24","gateway":"10.1.0.1",
                               "routes":[{"dst":"0.0.0.0/0"}]},"dns":{}})"));
}

TEST_CASE("the kernel holds what the result says") {
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

TEST_CASE("an IPv6 address can be used at once, unless duplicates are to be detected") {
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

TEST_CASE("layer 2 needs no IPAM, and its interface can be left down") {
  Host host;
  const std::string netns = host.add_netns("x");
  const std::string layer2 = R"({"cniVersion":"1.0.0","name":"l2","type":"bridge","bridge":"br-l2","mtu":1400})";
  const auto added = call({"bridge", "ADD", "c1", netns, layer2});
  REQUIRE_MESSAGE(added.ok(), added.out);
  CHECK_FALSE(added.json().contains("ips"));
  CHECK(host.ip("link show dev eth0", "x")[0]["mtu"] == 1400);
  CHECK(host.ip("link show dev br-l2")[0]["mtu"] == 1400);
  CHECK(host.ip("link show dev eth0", "x")[0]["operstate"] == "UP");
  CHECK(call({"bridge", "CHECK", "c1", netns, test::with_previous(layer2, added.json())}).ok());
  REQUIRE(call({"bridge", "DEL", "c1", netns, layer2}).ok());
  const std::string down =
      R"({"cniVersion":"1.0.0","name":"l2","type":"bridge","bridge":"br-l2","disableContainerInterface":true})";
  REQUIRE(call({"bridge", "ADD", "c1", netns, down}).ok());
  CHECK(host.ip("link show dev eth0", "x")[0]["operstate"] == "DOWN");
}

TEST_CASE("the container's MAC can be asked for in three ways, and runtimeConfig comes first") {
  Host host;
  const std::string netns = host.add_netns("x");
  Json config = Json::parse(kBridge);
  const auto mac_after = [&](const std::string& args) {
    const auto added = call({"bridge", "ADD", "c1", netns, config.dump(), "eth0", args});
    REQUIRE_MESSAGE(added.ok(), added.out);
    const std::string mac = host.ip("link show dev eth0", "x")[0]["address"];
    REQUIRE(call({"bridge", "DEL", "c1", netns, config.dump()}).ok());
    return mac;
  };
  CHECK(mac_after("IgnoreUnknown=1;MAC=0a:00:00:00:00:01") == "0a:00:00:00:00:01");
  config["args"]["cni"]["mac"] = "0a:00:00:00:00:02";
  CHECK(mac_after("IgnoreUnknown=1;MAC=0a:00:00:00:00:01") == "0a:00:00:00:00:02");
  config["runtimeConfig"]["mac"] = "0a:00:00:00:00:03";
  CHECK(mac_after("IgnoreUnknown=1;K8S_POD_NAME=p;MAC=0a:00:00:00:00:01") == "0a:00:00:00:00:03");
}

TEST_CASE("the bridge's MAC stays when ports with lower ones come") {
  Host host;
  REQUIRE(call({"bridge", "ADD", "c1", host.add_netns("x"), kBridge}).ok());
  const std::string mac = host.ip("link show dev cni0")[0]["address"];
  host.run({"ip", "link", "add", "low", "address", "02:00:00:00:00:01", "type", "veth", "peer", "name", "low2"});
  host.run({"ip", "link", "set", "low", "master", "cni0"});
  CHECK(host.ip("link show dev cni0")[0]["address"] == mac);
}

TEST_CASE("the MAC of a bridge that somebody else made stays too, from the first container on") {
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

TEST_CASE("port isolation and promiscuous mode are the bridge's own") {
  Host host;
  Json config = Json::parse(kBridge);
  config["hairpinMode"] = false;
  config["promiscMode"] = true;
  config["portIsolation"] = true;
  const auto added = call({"bridge", "ADD", "c1", host.add_netns("x"), config.dump()});
  REQUIRE_MESSAGE(added.ok(), added.out);
  const Json links = host.ip("-d link");
  CHECK(link_named(links, "cni0")["flags"].dump().find("PROMISC") != std::string::npos);
  const Json& port = link_named(links, added.json()["interfaces"][1]["name"]);
  CHECK(port["linkinfo"]["info_slave_data"]["isolated"] == true);
  CHECK(port["linkinfo"]["info_slave_data"]["hairpin"] == false);
}

TEST_CASE("several ranges of one family give as many addresses and gateways, and DEL takes them all back") {
  Host host;
  const std::string netns = host.add_netns("x");
  const std::string config = R"({"cniVersion":"1.0.0","name":"n","type":"bridge","isGateway":true,"ipMasq":true,
    "ipam":{"type":"host-local","ranges":[[{"subnet":"10.1.0.0/24"}],[{"subnet":"10.3.0.0/24"}],[{"subnet":"fd00::/64"}]]}})";
  const auto added = call({"bridge", "ADD", "c1", netns, config});
  REQUIRE_MESSAGE(added.ok(), added.out);
  CHECK(addresses(host, "eth0", "x") == std::set<std::string>{"10.1.0.2/24", "10.3.0.2/24", "fd00::2/64"});
  CHECK(addresses(host, "cni0", "") == std::set<std::string>{"10.1.0.1/24", "10.3.0.1/24", "fd00::1/64"});
  CHECK(host.elements("masq4").size() == 2);
  CHECK(host.elements("owners4").size() == 2);
  CHECK(call({"bridge", "CHECK", "c1", netns, test::with_previous(config, added.json())}).ok());
  REQUIRE(call({"bridge", "ADD", "c2", host.add_netns("y"), config}).ok());  // the gateways are there already
  REQUIRE(call({"bridge", "DEL", "c1", "", config}).ok());
  CHECK(host.elements("masq4").size() == 2);
  REQUIRE(call({"bridge", "DEL", "c2", "", config}).ok());
  for (const char* set : {"masq4", "masq6", "owners4", "owners6"}) CHECK(host.elements(set).empty());
}

TEST_CASE("dns of the configuration takes the place of IPAM's") {
  Host host;
  Json config = Json::parse(kBridge);
  config["dns"] = {{"nameservers", {"10.1.0.1"}}, {"domain", "example.org"}};
  const Json result = call({"bridge", "ADD", "c1", host.add_netns("x"), config.dump()}).json();
  CHECK(result["dns"] == config["dns"]);
}

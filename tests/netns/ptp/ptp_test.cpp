// SPDX-License-Identifier: Apache-2.0
// The ptp plugin: the state of the kernel as `ip` prints it, and traffic.
#include <set>

#include <doctest/doctest.h>

#include "tests/netns/host.h"
#include "tests/netns/ptp/config.h"
#include "tests/netns/talk.h"

using test::call;
using test::Host;
using test::Json;
using test::kPtp;
using test::kPtpDual;

namespace {

// The routes of the main table as "10.5.0.0/24 via 10.5.0.1 dev eth0 src 10.5.0.2", without link-local and multicast.
std::set<std::string> routes(const Host& host, const std::string& arguments, const std::string& netns = {}) {
  std::set<std::string> found;
  for (const Json& route : host.ip(arguments + " route show", netns)) {
    const std::string dst = route["dst"];
    if (dst.starts_with("fe80:") || dst.starts_with("ff00:")) continue;
    std::string line = dst;
    if (route.contains("gateway")) line += " via " + route["gateway"].get<std::string>();
    line += " dev " + route["dev"].get<std::string>();
    if (route.contains("scope")) line += " scope " + route["scope"].get<std::string>();
    if (route.contains("prefsrc")) line += " src " + route["prefsrc"].get<std::string>();
    found.insert(line);
  }
  return found;
}

std::set<std::string> addresses(const Host& host, const std::string& link, const std::string& netns = {}) {
  std::set<std::string> found;
  for (const Json& entry : host.ip("address show dev " + link, netns)) {
    for (const Json& one : entry.value("addr_info", Json::array())) {
      if (one["scope"] == "link") continue;
      CHECK_FALSE(one.value("tentative", false));
      found.insert(one["local"].get<std::string>() + "/" + std::to_string(one["prefixlen"].get<int>()));
    }
  }
  return found;
}

std::string host_end_of(const Json& result) { return result["interfaces"][0]["name"]; }

void check_nothing_left(const Host& host, const std::string& network) {
  for (const char* set : {"masq4", "masq6", "owners4", "owners6", "snat4", "hostport4", "publishers", "localnet"}) {
    CHECK_MESSAGE(host.elements(set).empty(), set);
  }
  CHECK(host.run({"ip", "-br", "link", "show", "type", "veth"}).empty());
  CHECK(host.run({"sh", "-c", "ls /var/lib/cni/networks/" + network + " | grep -v -e lock -e last_reserved || true"}) ==
        "");
}

}  // namespace

TEST_CASE("all of the container's routes use its gateway, and the host has a route to its address only") {
  Host host;
  const auto added = call({"ptp", "ADD", "c1", host.add_netns("x"), kPtp});
  REQUIRE_MESSAGE(added.ok(), added.out);
  const std::string host_end = host_end_of(added.json());
  CHECK(addresses(host, "eth0", "x") == std::set<std::string>{"10.5.0.2/24"});
  CHECK(routes(host, "-4", "x") == std::set<std::string>{"default via 10.5.0.1 dev eth0",
                                                         "10.5.0.0/24 via 10.5.0.1 dev eth0 src 10.5.0.2",
                                                         "10.5.0.1 dev eth0 scope link src 10.5.0.2"});
  CHECK(addresses(host, host_end) == std::set<std::string>{"10.5.0.1/32"});
  CHECK(routes(host, "-4") == std::set<std::string>{"10.5.0.2 dev " + host_end + " scope host"});
  CHECK(host.run({"cat", "/proc/sys/net/ipv4/ip_forward"}) == "1\n");
  CHECK(host.run({"cat", "/proc/sys/net/ipv6/conf/" + host_end + "/accept_ra"}) == "0\n");
  CHECK(host.ip("link show dev " + host_end)[0]["ifalias"] == "p/c1/eth0");
  CHECK(host.ip("link show dev eth0", "x")[0]["mtu"] == 1400);
  CHECK(host.ip("link show dev " + host_end)[0]["mtu"] == 1400);
}

TEST_CASE("IPv6 works when ADD returns: no address is tentative, and the first packet arrives") {
  Host host;
  const auto added = call({"ptp", "ADD", "c1", host.add_netns("x"), kPtpDual});
  REQUIRE_MESSAGE(added.ok(), added.out);
  CHECK(host.run({"ip", "-6", "address", "show", "tentative"}, "x").empty());
  CHECK(host.try_run("x", {"ping", "-6", "-c", "1", "-W", "1", "fd00:6::1"}).exit_code == 0);
  CHECK(host.try_run({}, {"ping", "-6", "-c", "1", "-W", "1", "fd00:6::2"}).exit_code == 0);
  CHECK(addresses(host, "eth0", "x") == std::set<std::string>{"10.6.0.2/24", "fd00:6::2/64"});
  CHECK(routes(host, "-6", "x") == std::set<std::string>{"default via fd00:6::1 dev eth0",
                                                         "fd00:6::/64 via fd00:6::1 dev eth0 src fd00:6::2",
                                                         "fd00:6::1 dev eth0 src fd00:6::2"});
}

TEST_CASE("containers of one network reach each other through the host, and are masqueraded to the outside") {
  Host host;
  host.add_outside("outside");
  for (const char* name : {"red", "blue"}) {
    REQUIRE(call({"ptp", "ADD", name, host.add_netns(name), kPtpDual}).ok());
  }
  const test::Server blue("blue", test::Transport::tcp, 80);
  CHECK(test::talk("red", "10.6.0.3", 80, blue) == "10.6.0.2");
  CHECK(test::talk("red", "fd00:6::3", 80, blue) == "fd00:6::2");
  const test::Server outside("outside", test::Transport::tcp, 80);
  CHECK(test::talk("red", Host::kOutsideAddress, 80, outside) == Host::kHostAddress);
  CHECK(test::talk("red", Host::kOutsideAddress6, 80, outside) == Host::kHostAddress6);
}

TEST_CASE("ports are published with ptp, on localhost too, and DEL deletes them") {
  Host host;
  const std::string netns = host.add_netns("x");
  const Json result = call({"ptp", "ADD", "c1", netns, kPtp}).json();
  Json portmap = Json::parse(R"({"cniVersion": "1.0.0", "name": "p", "type": "portmap",
                                 "runtimeConfig": {"portMappings": [{"hostPort": 8080, "containerPort": 80}]}})");
  const std::string config = test::with_previous(portmap.dump(), result);
  const auto published = call({"portmap", "ADD", "c1", netns, config});
  REQUIRE_MESSAGE(published.ok(), published.out);
  const test::Server server("x", test::Transport::tcp, 80);
  CHECK(test::talk({}, "127.0.0.1", 8080, server).has_value());
  CHECK(test::talk("x", "10.5.0.1", 8080, server).has_value());
  CHECK(host.elements("localnet").size() == 1);
  CHECK(call({"portmap", "DEL", "c1", {}, R"({"cniVersion": "1.0.0", "name": "p", "type": "portmap"})"}).ok());
  CHECK(call({"ptp", "DEL", "c1", {}, kPtp}).ok());
  check_nothing_left(host, "p");
}

TEST_CASE("a failed ADD leaves nothing, whichever step failed") {
  Host host;
  const std::string netns = host.add_netns("x");
  const std::string before = host.snapshot({"x"});
  const auto fails = [&](const std::string& config, const std::string& text) {
    const auto added = call({"ptp", "ADD", "c1", netns, config});
    CHECK(!added.ok());
    CHECK_MESSAGE(added.out.find(text) != std::string::npos, added.out);
    CHECK(test::difference(before, host.snapshot({"x"})).empty());
  };
  fails(R"({"cniVersion": "1.0.0", "name": "p", "type": "ptp"})", "no plugin name provided");
  fails(R"({"cniVersion": "1.0.0", "name": "p", "type": "ptp", "ipam": {"type": "none-such"}})",
        "failed to find plugin");
  fails(
      R"({"cniVersion": "1.0.0", "name": "p", "type": "ptp", "ipam": {"type": "host-local", "subnet": "10.5.0.0/32"}})",
      "too small");
  // The route's gateway is unreachable: the kernel rejects the last step in the container.
  fails(R"({"cniVersion": "1.0.0", "name": "p", "type": "ptp", "ipMasq": true, "ipam": {"type": "host-local",
            "subnet": "10.5.0.0/24", "routes": [{"dst": "10.99.0.0/16", "gw": "192.0.2.1"}]}})",
        "failed to add route");
}

TEST_CASE("CHECK succeeds after ADD, and reports each difference") {
  Host host;
  const std::string netns = host.add_netns("x");
  const Json result = call({"ptp", "ADD", "c1", netns, kPtpDual}).json();
  const std::string config = test::with_previous(kPtpDual, result);
  const std::string host_end = host_end_of(result);
  const auto agreed = call({"ptp", "CHECK", "c1", netns, config});
  CHECK_MESSAGE(agreed.ok(), agreed.out);

  const auto checked_after = [&](const std::vector<std::string>& command, const std::string& where) {
    host.run(command, where);
    return call({"ptp", "CHECK", "c1", netns, config}).out;
  };
  CHECK(checked_after({"ip", "route", "delete", "10.6.0.0/24"}, "x").find("Expected Route 10.6.0.0/24 via 10.6.0.1") !=
        std::string::npos);
  CHECK(checked_after({"sysctl", "-qw", "net.ipv4.ip_forward=0"}, {})
            .find("sysctl net.ipv4.ip_forward: expected 1, found 0") != std::string::npos);
  CHECK(checked_after({"ip", "route", "delete", "10.6.0.2/32"}, {}).find("Expected Route 10.6.0.2/32") !=
        std::string::npos);
  CHECK(checked_after({"ip", "address", "delete", "fd00:6::1/128", "dev", host_end}, {})
            .find("Failed to match addr fd00:6::1/128") != std::string::npos);
  CHECK(checked_after({"ip", "-6", "route", "delete", "default"}, "x").find("Expected Route ::/0") !=
        std::string::npos);
  CHECK(checked_after({"ip", "address", "delete", "10.6.0.2/24", "dev", "eth0"}, "x")
            .find("Failed to match addr 10.6.0.2/24") != std::string::npos);
  CHECK(checked_after({"nft", "delete", "element", "inet", "footbridge", "masq4", "{ 10.6.0.2 }"}, {}).find("masq4") !=
        std::string::npos);
  CHECK(checked_after({"ip", "link", "delete", host_end}, {}).find("container interface eth0: not found") !=
        std::string::npos);
}

TEST_CASE("CHECK accepts the changes of later plugins in the chain") {
  Host host;
  const std::string netns = host.add_netns("x");
  Json result = call({"ptp", "ADD", "c1", netns, kPtpDual}).json();
  // sbr moves the routes to its own table. tuning sets another MAC address and writes it into prevResult.
  host.run({"ip", "route", "add", "default", "via", "10.6.0.1", "dev", "eth0", "table", "100"}, "x");
  host.run({"ip", "route", "delete", "default"}, "x");
  host.run({"ip", "route", "add", "10.6.0.1", "dev", "eth0", "table", "100"}, "x");
  host.run({"ip", "route", "delete", "10.6.0.0/24"}, "x");
  host.run({"ip", "route", "add", "10.6.0.0/24", "via", "10.6.0.1", "dev", "eth0", "table", "100"}, "x");
  host.run({"ip", "link", "set", "dev", "eth0", "address", "0a:00:00:00:00:07"}, "x");
  result["interfaces"][1]["mac"] = "0A:00:00:00:00:07";
  host.run({"ip", "address", "add", "192.0.2.9/32", "dev", "eth0"}, "x");
  const auto checked = call({"ptp", "CHECK", "c1", netns, test::with_previous(kPtpDual, result)});
  CHECK_MESSAGE(checked.ok(), checked.out);
}

TEST_CASE("a /32 address with a gateway outside of its subnet works and passes CHECK") {
  Host host;
  const std::string config =
      R"({"cniVersion": "1.0.0", "name": "s", "type": "ptp", "ipMasq": true, "ipam": {"type": "static",
    "addresses": [{"address": "10.7.0.2/32", "gateway": "169.254.1.1"},
                  {"address": "fd00:7::2/128", "gateway": "fe80::1"}],
    "routes": [{"dst": "0.0.0.0/0"}, {"dst": "::/0"}]}})";
  const std::string netns = host.add_netns("x");
  const auto added = call({"ptp", "ADD", "c1", netns, config});
  REQUIRE_MESSAGE(added.ok(), added.out);
  for (const char* address : {"10.7.0.2", "fd00:7::2"}) {
    CHECK(host.try_run({}, {"ping", "-c", "1", "-W", "2", address}).exit_code == 0);
  }
  CHECK(routes(host, "-4", "x") ==
        std::set<std::string>{"default via 169.254.1.1 dev eth0", "169.254.1.1 dev eth0 scope link src 10.7.0.2"});
  const auto checked = call({"ptp", "CHECK", "c1", netns, test::with_previous(config, added.json())});
  CHECK_MESSAGE(checked.ok(), checked.out);
  CHECK(call({"ptp", "DEL", "c1", {}, config}).ok());
  for (const char* set : {"masq4", "masq6", "local4", "local6"}) CHECK_MESSAGE(host.elements(set).empty(), set);
}

TEST_CASE("a second ADD of a living attachment is rejected and changes nothing") {
  Host host;
  const std::string netns = host.add_netns("x");
  REQUIRE(call({"ptp", "ADD", "c1", netns, kPtp}).ok());
  const std::string before = host.snapshot({"x"});
  CHECK(call({"ptp", "ADD", "c1", netns, kPtp}).out.find("already attached to this network") != std::string::npos);
  CHECK(test::difference(before, host.snapshot({"x"})).empty());
}

TEST_CASE("the host's route leads to the newest container with the address, and DEL of that one restores it") {
  Host host;
  const auto config = [](const std::string& name, const std::string& routes) {
    return R"({"cniVersion": "1.0.0", "name": ")" + name +
           R"(", "type": "ptp", "ipam": {"type": "static", "addresses": [
      {"address": "10.6.0.2/24", "gateway": "10.6.0.1"}, {"address": "fd00:6::2/64", "gateway": "fd00:6::1"}],
      "routes": [)" +
           routes + "]}}";
  };
  const auto first = call({"ptp", "ADD", "c1", host.add_netns("x"), config("a", "")});
  REQUIRE_MESSAGE(first.ok(), first.out);
  const auto output_link = [&](const std::string& address) { return host.ip("route get " + address)[0]["dev"]; };
  const auto check_first = [&] {
    CHECK(output_link("10.6.0.2") == host_end_of(first.json()));
    CHECK(output_link("fd00:6::2") == host_end_of(first.json()));
    CHECK(host.try_run({}, {"ping", "-c", "1", "-W", "5", "10.6.0.2"}).exit_code == 0);
  };
  check_first();
  const std::string bad = config("b", R"({"dst": "10.99.0.0/16", "gw": "192.0.2.1"})");
  CHECK(!call({"ptp", "ADD", "c2", host.add_netns("y"), bad}).ok());
  check_first();
  for (const char* name : {"b", "c"}) {
    const auto second = call({"ptp", "ADD", name, host.add_netns(name), config(name, "")});
    REQUIRE_MESSAGE(second.ok(), second.out);
    CHECK(output_link("10.6.0.2") == host_end_of(second.json()));
    CHECK(output_link("fd00:6::2") == host_end_of(second.json()));
  }
  for (const char* name : {"c", "b"}) CHECK(call({"ptp", "DEL", name, {}, config(name, "")}).ok());
  check_first();
}

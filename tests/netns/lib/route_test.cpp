// SPDX-License-Identifier: Apache-2.0
#include "lib/netlink/route.h"

#include <linux/netlink.h>
#include <linux/rtnetlink.h>

#include <algorithm>

#include <doctest/doctest.h>

#include "lib/netlink/link_watch.h"
#include "tests/netns/lib/network.h"

using test::address;
using test::failure_of;
using test::Host;
using test::Json;
using test::make;
using test::prefix;

namespace {

const net::IfName kName("d0");

struct Place {
  Host host;
  netlink::Socket socket{NETLINK_ROUTE};
  std::uint32_t index = 0;
  Place() {
    test::add_link(host, "d0");
    index = test::index_of(socket, "d0");
    host.run({"ip", "address", "add", "10.1.0.2/24", "dev", "d0"});
    host.run({"ip", "address", "add", "fd00::2/64", "nodad", "dev", "d0"});
  }

  [[nodiscard]] netlink::NewRoute route(const std::string& dst, const std::string& gateway = {}) const {
    netlink::NewRoute change{kName, index, prefix(dst)};
    if (!gateway.empty()) change.gateway = address(gateway);
    return change;
  }

  // `ip route show DST table all` as JSON, the first of them; null when there is none.
  [[nodiscard]] Json shown(const std::string& dst) const {
    const std::string family = dst.find(':') == std::string::npos ? "-4 " : "-6 ";
    const Json routes = host.ip(family + "-d route show table all exact " + dst);
    return routes.empty() ? Json() : routes.at(0);
  }
};

std::string text(const netlink::Route& route) {
  return route.dst.text() + (route.gateway ? " via " + route.gateway->text() : "") + " table " +
         std::to_string(route.table) + " metric " + std::to_string(route.priority);
}

}  // namespace

TEST_CASE("a default route of each family goes by its gateway") {
  Place place;
  make(place.socket, place.route("0.0.0.0/0", "10.1.0.1"));
  make(place.socket, place.route("::/0", "fd00::1"));
  const Json v4 = place.host.ip("route show default").at(0);
  CHECK(v4["gateway"] == "10.1.0.1");
  CHECK(v4["dev"] == "d0");
  CHECK(place.host.ip("-6 route show default").at(0)["gateway"] == "fd00::1");
}

TEST_CASE("a route has its table, metric, MTU, scope and MSS") {
  Place place;
  netlink::NewRoute change = place.route("10.9.7.5/16");
  change.table = 100;
  change.priority = 50;
  change.scope = RT_SCOPE_LINK;
  change.mtu = 1400;
  change.advmss = 1300;
  make(place.socket, change);
  const Json route = place.host.ip("-d route show table 100").at(0);
  CHECK(route["dst"] == "10.9.0.0/16");
  CHECK(route["metric"] == 50);
  CHECK(route["scope"] == "link");
  CHECK(route["metrics"].at(0)["mtu"] == 1400);
  CHECK(route["metrics"].at(0)["advmss"] == 1300);
}

TEST_CASE("a route without more is in the main table, of universal scope, made at boot") {
  Place place;
  make(place.socket, place.route("10.9.0.0/16"));
  const Json route = place.shown("10.9.0.0/16");
  CHECK(route["table"] == "main");
  CHECK(route["scope"] == "global");
  CHECK(route["protocol"] == "boot");
  CHECK(!route.contains("metric"));
}

TEST_CASE("a gateway that cannot be reached is told with the route as an operator would type it") {
  Place place;
  CHECK(failure_of([&] { make(place.socket, place.route("0.0.0.0/0", "172.16.0.1")); }) ==
        "failed to add route (ip route prepend default via 172.16.0.1 dev d0): Nexthop has invalid gateway: "
        "Network is unreachable");
  CHECK(place.shown("default").is_null());
}

TEST_CASE("a route by a link that is down is told so") {
  Place place;
  place.host.run({"ip", "link", "set", "d0", "down"});
  CHECK(failure_of([&] {
          make(place.socket, place.route("10.9.0.0/16"));
        }).starts_with("failed to add route (ip route prepend 10.9.0.0/16 dev d0): "));
}

TEST_CASE("the same route again is an error, and there is one") {
  Place place;
  for (const netlink::NewRoute& change :
       {place.route("10.9.0.0/16", "10.1.0.1"), place.route("fd09::/64", "fd00::1")}) {
    make(place.socket, change);
    CHECK(failure_of([&] { make(place.socket, change); }) == "failed to add route (" + text(change) + "): File exists");
  }
  CHECK(place.host.ip("route show exact 10.9.0.0/16").size() == 1);
  CHECK(place.host.ip("-6 route show exact fd09::/64").size() == 1);
}

TEST_CASE("the routes of a link are observed in every table and of both families") {
  Place place;
  make(place.socket, place.route("0.0.0.0/0", "10.1.0.1"));
  make(place.socket, place.route("fd09::/64", "fd00::1"));
  netlink::NewRoute elsewhere = place.route("10.9.0.0/16");
  elsewhere.table = 1000;
  elsewhere.priority = 50;
  make(place.socket, elsewhere);
  test::add_link(place.host, "d1");
  place.host.run({"ip", "route", "add", "10.7.0.0/16", "dev", "d1"});
  std::vector<std::string> all;
  for (const netlink::Route& route : netlink::observe_routes(place.socket, {place.index})) all.push_back(text(route));
  const auto has = [&](const std::string& wanted) { return std::count(all.begin(), all.end(), wanted) == 1; };
  CHECK(has("0.0.0.0/0 via 10.1.0.1 table 254 metric 0"));
  CHECK(has("10.1.0.0/24 table 254 metric 0"));
  CHECK(has("10.9.0.0/16 table 1000 metric 50"));
  CHECK(has("fd09::/64 via fd00::1 table 254 metric 1024"));
  for (const std::string& one : all) CHECK_MESSAGE(one.find("10.7.") == std::string::npos, one);
  for (const std::string& one : all) CHECK_MESSAGE(one.find("table 255") == std::string::npos, one);  // no local ones
}

TEST_CASE("the routes of all links are observed together") {
  Place place;
  test::add_link(place.host, "d1");
  place.host.run({"ip", "route", "add", "10.7.0.0/16", "dev", "d1"});
  std::vector<std::string> all;
  for (const netlink::Route& route : netlink::observe_routes(place.socket)) all.push_back(text(route));
  for (const char* wanted : {"10.7.0.0/16 table 254 metric 0", "10.1.0.0/24 table 254 metric 0"}) {
    CHECK_MESSAGE(std::count(all.begin(), all.end(), wanted) == 1, wanted);
  }
}

TEST_CASE("of one table only that table's routes are told") {
  Place place;
  place.host.run({"ip", "route", "add", "10.9.0.0/16", "via", "10.1.0.1", "table", "1000"});
  const auto routes = netlink::observe_routes(place.socket, {0, 1000});
  REQUIRE(routes.size() == 1);
  CHECK(text(routes[0]) == "10.9.0.0/16 via 10.1.0.1 table 1000 metric 0");
}

TEST_CASE("the route that a packet would take is told as it stands in its table") {
  Place place;
  CHECK(netlink::observe_route_to(place.socket, test::address("10.1.0.7"))->dst == test::prefix("10.1.0.0/24"));
  CHECK(!netlink::observe_route_to(place.socket, test::address("192.0.2.1")));
}

TEST_CASE("a link without routes has none") {
  const Host host;
  netlink::Socket socket(NETLINK_ROUTE);
  host.run({"ip", "link", "add", "d0", "type", "bridge"});
  CHECK(netlink::observe_routes(socket, {test::index_of(socket, "d0")}).empty());
}

TEST_CASE("the way to an address is the link that a packet would leave by") {
  Place place;
  CHECK(netlink::observe_link_to(place.socket, address("10.1.0.77")) == place.index);
  CHECK(netlink::observe_link_to(place.socket, address("fd00::77")) == place.index);
  CHECK(netlink::observe_link_to(place.socket, address("10.1.0.2")) == test::index_of(place.socket, "lo"));
}

TEST_CASE("where no packet would go there is no way") {
  Place place;
  for (const char* to : {"192.168.77.1", "fd77::1"}) CHECK(!netlink::observe_link_to(place.socket, address(to)));
  place.host.run({"ip", "route", "add", "unreachable", "10.66.0.0/16"});
  place.host.run({"ip", "route", "add", "prohibit", "10.67.0.0/16"});
  place.host.run({"ip", "route", "add", "blackhole", "10.68.0.0/16"});
  for (const char* to : {"10.66.0.1", "10.67.0.1", "10.68.0.1"}) {
    CHECK_MESSAGE(!netlink::observe_link_to(place.socket, address(to)), to);
  }
}

// SPDX-License-Identifier: Apache-2.0
// Addresses, routes and gateways planned from an IPAM plugin's result.
#include <doctest/doctest.h>

#include "tests/plugins/bridge/planned.h"

using bridge::complete;
using test::config_with;
using test::lease_of;
using test::link;
using test::prefixes;
using test::shown;

namespace {

bridge::Links links() {
  bridge::Links result{test::bridge_link(7, "cni0"), link(9, "vethx", "veth"), link(3, "eth0", "veth")};
  result.bridge.mac = test::kMac;
  return result;
}

const bridge::Links kLinks = links();

// A bridge with an address has a fixed MAC address.
const std::string kFixedMac = "ip link set dev cni0 address 0a:58:0a:01:00:01\n";

const char* const kV4 = R"([{"address": "10.1.0.2/24", "gateway": "10.1.0.1"}])";
const char* const kV6 = R"([{"address": "fd00::2/64", "gateway": "fd00::1"}])";
const char* const kDual = R"([{"address": "10.1.0.2/24", "gateway": "10.1.0.1"},
                              {"address": "fd00::2/64", "gateway": "fd00::1"}])";

std::string container_text(const std::string& keys, const cni::Result& lease) {
  return shown(plan_container(config_with(keys), kLinks, lease, {}));
}

std::string gateway_text(const std::string& keys, const std::vector<std::string>& present, const char* ips) {
  return shown(plan_gateway(config_with(keys), kLinks, prefixes(present), lease_of(ips)));
}

std::string gateway_rejection(const std::string& keys, const std::vector<std::string>& present, const char* ips) {
  return error_of([&] { plan_gateway(config_with(keys), kLinks, prefixes(present), lease_of(ips)); });
}

// "default via A" for each route of a completed lease, joined with ", ".
std::string routes_of(const cni::Result& lease) {
  std::string text;
  for (const cni::Route& route : lease.routes) {
    text += (text.empty() ? "" : ", ") + route.dst.text() + (route.gw ? " via " + route.gw->text() : "");
  }
  return text;
}

std::string completed_routes(const std::string& keys, const char* ips, const char* routes) {
  return routes_of(complete(config_with(keys), lease_of(ips, routes)));
}

}  // namespace

TEST_CASE("IPv4: the address, the link up, then the routes, via the gateway unless they name one") {
  CHECK(container_text("", lease_of(kV4, R"([{"dst": "0.0.0.0/0"}, {"dst": "192.168.7.0/24", "gw": "10.1.0.254"}])")) ==
        "container: sysctl -w net/ipv6/conf/eth0/accept_ra=0\n"
        "container: sysctl -w net/ipv4/conf/eth0/arp_notify=1\n"
        "container: ip address add 10.1.0.2/24 dev eth0\n"
        "container: ip link set dev eth0 up\n"
        "container: ip route prepend default via 10.1.0.1 dev eth0\n"
        "container: ip route prepend 192.168.7.0/24 via 10.1.0.254 dev eth0\n");
}

TEST_CASE("IPv6: sysctls precede the address, which is usable at once") {
  CHECK(container_text("", lease_of(kV6, R"([{"dst": "::/0"}])")) ==
        "container: sysctl -w net/ipv6/conf/lo/disable_ipv6=0\n"
        "container: sysctl -w net/ipv6/conf/eth0/disable_ipv6=0\n"
        "container: sysctl -w net/ipv6/conf/eth0/keep_addr_on_down=1\n"
        "container: sysctl -w net/ipv6/conf/eth0/accept_dad=0\n"
        "container: sysctl -w net/ipv6/conf/eth0/ndisc_notify=1\n"
        "container: sysctl -w net/ipv6/conf/eth0/accept_ra=0\n"
        "container: sysctl -w net/ipv4/conf/eth0/arp_notify=1\n"
        "container: ip address add fd00::2/64 dev eth0 nodad\n"
        "container: ip link set dev eth0 up\n"
        "container: ip -6 route prepend default via fd00::1 dev eth0\n");
}

TEST_CASE("enabledad turns on duplicate address detection") {
  const std::string text = container_text(R"("enabledad": true)", lease_of(kV6));
  CHECK(text.find("accept_dad=1\ncontainer: sysctl -w net/ipv6/conf/eth0/enhanced_dad=1\n") != std::string::npos);
  CHECK(text.find("ip address add fd00::2/64 dev eth0\n") != std::string::npos);
}

TEST_CASE("both families: each route uses its family's gateway") {
  const std::string text = container_text("", lease_of(kDual, R"([{"dst": "::/0"}, {"dst": "0.0.0.0/0"}])"));
  CHECK(text.find("ip address add 10.1.0.2/24 dev eth0\ncontainer: ip address add fd00::2/64 dev eth0 nodad\n"
                  "container: ip link set dev eth0 up\n"
                  "container: ip -6 route prepend default via fd00::1 dev eth0\n"
                  "container: ip route prepend default via 10.1.0.1 dev eth0\n") != std::string::npos);
}

TEST_CASE("without a gateway, a route is on-link") {
  const std::string text = container_text(
      "", lease_of(R"([{"address": "10.1.0.2/24"}])", R"([{"dst": "10.9.0.7/16"}, {"dst": "::/0", "gw": "fe80::1"}])"));
  CHECK(
      text.ends_with("container: ip route prepend 10.9.0.0/16 dev eth0\n"
                     "container: ip -6 route prepend default via fe80::1 dev eth0\n"));
}

TEST_CASE("a route has all attributes of its configuration") {
  const std::string text = container_text("", lease_of(kV4, R"([{"dst": "10.9.0.0/16", "mtu": 1400, "advmss": 1300,
                                                                 "priority": 50, "table": 100, "scope": 0}])"));
  CHECK(
      text.ends_with("container: ip route prepend 10.9.0.0/16 via 10.1.0.1 dev eth0 table 100 metric 50 scope 0 "
                     "mtu 1400 advmss 1300\n"));
}

TEST_CASE("a bridge that is not a gateway gets no addresses") {
  CHECK(gateway_text("", {}, kDual) == "");
  CHECK(gateway_text("", {"10.1.0.9/24"}, kV4) == "");
}

TEST_CASE("the gateway address is added to the bridge, and the host forwards") {
  CHECK(gateway_text(R"("isGateway": true)", {}, kV4) ==
        "ip address add 10.1.0.1/24 dev cni0\n" + kFixedMac + "sysctl -w net/ipv4/ip_forward=1\n");
  CHECK(gateway_text(R"("isGateway": true)", {}, kDual) ==
        "ip address add 10.1.0.1/24 dev cni0\n" + kFixedMac + "ip address add fd00::1/64 dev cni0 nodad\n" + kFixedMac +
            "sysctl -w net/ipv4/ip_forward=1\n"
            "sysctl -w net/ipv6/conf/all/forwarding=1\n");
}

TEST_CASE("an existing gateway address is left alone") {
  CHECK(gateway_text(R"("isGateway": true)", {"10.1.0.1/24"}, kV4) == "sysctl -w net/ipv4/ip_forward=1\n");
  CHECK(gateway_text(R"("isGateway": true)", {"10.1.0.1/24", "10.5.0.1/24"}, kV4) ==
        "sysctl -w net/ipv4/ip_forward=1\n");
}

TEST_CASE("another IPv4 address on the bridge is an error, or is replaced with forceAddress") {
  CHECK(gateway_rejection(R"("isGateway": true)", {"10.1.0.9/24"}, kV4) ==
        "999: failed to set bridge addr: \"cni0\" already has an IP address different from 10.1.0.1/24 "
        "[it has 10.1.0.9/24; if no other network uses the bridge, delete it with: ip address delete 10.1.0.9/24 dev "
        "cni0, or set "
        "\"forceAddress\": true]");
  CHECK(!gateway_rejection(R"("isGateway": true)", {"172.16.0.1/16"}, kV4).empty());
  CHECK(!gateway_rejection(R"("isGateway": true)", {"10.1.0.1/16"}, kV4).empty());
  CHECK(gateway_text(R"("isGateway": true, "forceAddress": true)", {"10.1.0.9/24", "172.16.0.1/16"}, kV4) ==
        "ip address delete 10.1.0.9/24 dev cni0\n"
        "ip address delete 172.16.0.1/16 dev cni0\n"
        "ip address add 10.1.0.1/24 dev cni0\n" +
            kFixedMac + "sysctl -w net/ipv4/ip_forward=1\n");
}

TEST_CASE("IPv6 networks coexist unless they overlap") {
  const char* const gateway = R"("isGateway": true)";
  const std::string added =
      "ip address add fd00::1/64 dev cni0 nodad\n" + kFixedMac + "sysctl -w net/ipv6/conf/all/forwarding=1\n";
  CHECK(gateway_text(gateway, {"fd01::1/64", "fe80::1/64"}, kV6) == added);
  CHECK(gateway_text(gateway, {"10.1.0.9/24"}, kV6) == added);
  CHECK(gateway_rejection(gateway, {"fd00::9/64"}, kV6).find("different from fd00::1/64 [it has fd00::9/64") !=
        std::string::npos);
  CHECK(!gateway_rejection(gateway, {"fd00::1/48"}, kV6).empty());
  CHECK(gateway_text(R"("isGateway": true, "forceAddress": true)", {"fd00::9/64", "fd01::1/64"}, kV6) ==
        "ip address delete fd00::9/64 dev cni0\n" + added);
}

TEST_CASE("each IPv4 range of a network has its gateway on the bridge") {
  const char* const two = R"([{"address": "10.1.0.2/24", "gateway": "10.1.0.1"},
                              {"address": "10.2.0.2/24", "gateway": "10.2.0.1"}])";
  const char* const gateway = R"("isGateway": true)";
  const std::string forward = "sysctl -w net/ipv4/ip_forward=1\n";
  CHECK(gateway_text(gateway, {}, two) == "ip address add 10.1.0.1/24 dev cni0\n" + kFixedMac +
                                              "ip address add 10.2.0.1/24 dev cni0\n" + kFixedMac + forward);
  CHECK(gateway_text(gateway, {"10.1.0.1/24"}, two) == "ip address add 10.2.0.1/24 dev cni0\n" + kFixedMac + forward);
  CHECK(gateway_text(gateway, {"10.2.0.1/24", "10.1.0.1/24"}, two) == forward);
  CHECK(gateway_text(R"("isGateway": true, "forceAddress": true)", {"10.3.0.1/24"}, two) ==
        "ip address delete 10.3.0.1/24 dev cni0\n"
        "ip address add 10.1.0.1/24 dev cni0\n" +
            kFixedMac + "ip address add 10.2.0.1/24 dev cni0\n" + kFixedMac + forward);
}

TEST_CASE("gateway addresses have their network's prefix length and no duplicates") {
  const auto text = [](const char* ips) {
    std::string all;
    for (const net::Prefix& one : bridge::gateway_addresses(lease_of(ips))) all += one.text() + " ";
    return all;
  };
  CHECK(text("[]") == "");
  CHECK(text(R"([{"address": "10.1.0.2/24"}])") == "");
  CHECK(text(kDual) == "10.1.0.1/24 fd00::1/64 ");
  CHECK(text(R"([{"address": "10.1.0.2/24", "gateway": "10.1.0.1"},
                 {"address": "10.1.0.3/24", "gateway": "10.1.0.1"}])") == "10.1.0.1/24 ");
}

TEST_CASE("addresses belong to the container end") {
  const cni::Result completed = complete(config_with(""), lease_of(kDual));
  CHECK(completed.ips.at(0).interface == 2);
  CHECK(completed.ips.at(1).interface == 2);
}

TEST_CASE("a missing gateway is the network's first address if the bridge is a gateway") {
  const auto gateway = [](const char* keys, const char* ips) {
    const auto given = complete(config_with(keys), lease_of(ips)).ips.at(0).gateway;
    return given ? given->text() : "none";
  };
  CHECK(gateway(R"("isGateway": true)", R"([{"address": "10.1.0.9/24"}])") == "10.1.0.1");
  CHECK(gateway(R"("isGateway": true)", R"([{"address": "fd00::9/64"}])") == "fd00::1");
  CHECK(gateway(R"("isGateway": true)", R"([{"address": "10.1.0.9/24", "gateway": "10.1.0.254"}])") == "10.1.0.254");
  CHECK(gateway("", R"([{"address": "10.1.0.9/24"}])") == "none");
  CHECK(gateway("", kV4) == "10.1.0.1");
}

TEST_CASE("isDefaultGateway adds a default route to each family without one") {
  const char* const keys = R"("isDefaultGateway": true)";
  CHECK(completed_routes(keys, kV4, "[]") == "0.0.0.0/0 via 10.1.0.1");
  CHECK(completed_routes(keys, kV6, "[]") == "::/0 via fd00::1");
  CHECK(completed_routes(keys, kDual, "[]") == "0.0.0.0/0 via 10.1.0.1, ::/0 via fd00::1");
  CHECK(completed_routes(keys, kDual, R"([{"dst": "10.9.0.0/16"}, {"dst": "::/0", "gw": "fd00::254"}])") ==
        "10.9.0.0/16, ::/0 via fd00::254, 0.0.0.0/0 via 10.1.0.1");
  CHECK(completed_routes(keys, kV4, R"([{"dst": "0.0.0.0/0", "gw": "10.1.0.254"}])") == "0.0.0.0/0 via 10.1.0.254");
  CHECK(completed_routes(keys, kV4, R"([{"dst": "0.0.0.0/0"}])") == "0.0.0.0/0");
  CHECK(completed_routes(R"("isGateway": true)", kDual, "[]") == "");
}

TEST_CASE("IPAM's default route without a gateway uses the bridge") {
  const bridge::Config config = config_with(R"("isDefaultGateway": true)");
  const std::string text =
      shown(plan_container(config, kLinks, complete(config, lease_of(kV4, R"([{"dst": "0.0.0.0/0"}])")), {}));
  CHECK(text.ends_with("up\ncontainer: ip route prepend default via 10.1.0.1 dev eth0\n"));
}

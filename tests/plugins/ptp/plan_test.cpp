// SPDX-License-Identifier: Apache-2.0
// Plans of the ptp plugin, as commands.
#include "plugins/ptp/plan.h"

#include <doctest/doctest.h>

#include "lib/cni/result_json.h"
#include "tests/lib/cni/call.h"

namespace {

const net::Owner kOwner{"n", "c1", "eth0"};

ptp::Config config_with(const std::string& keys) {
  return ptp::parse_config(request_of(R"({"cniVersion": "1.0.0", "name": "n", "type": "ptp")" + keys + "}"));
}

const ptp::Config kConfig = config_with(R"(, "ipam": {"type": "host-local"})");

cni::Result lease_of(const std::string& ips, const std::string& routes = "[]") {
  const cni::Json json =
      cni::Json::parse(R"({"cniVersion": "1.0.0", "ips": )" + ips + R"(, "routes": )" + routes + "}");
  return cni::parse_result(json, cni::Version::v1_0_0, "lease");
}

// The host end's name, a hash, is replaced by HOSTEND.
std::string shown(const plan::Plan& plan) {
  std::string text = plan::text(plan);
  const std::string name = kOwner.host_end().text();
  for (std::size_t at = text.find(name); at != std::string::npos; at = text.find(name)) {
    text.replace(at, name.size(), "HOSTEND");
  }
  return text;
}

std::string inside(const std::string& ips, const std::string& routes = "[]") {
  const std::string text = shown(ptp::plan_container(kConfig, {}, lease_of(ips, routes), {}));
  return text.substr(text.find("container: ip address"));
}

std::string outside(const std::string& ips, const std::vector<netlink::Route>& present = {}) {
  return shown(ptp::plan_host(kConfig, {}, lease_of(ips), present));
}

}  // namespace

TEST_CASE("the host end ignores router advertisements before it comes up") {
  CHECK(shown(ptp::plan_pair(kConfig, {}, 5, "/run/netns/x")) ==
        "ip link add HOSTEND numtxqueues 1 txqueuelen 0 type veth peer name eth0 numtxqueues 1 "
        "txqueuelen 0 netns /run/netns/x\n"
        "ip link set dev HOSTEND alias n/c1/eth0 (unfinished)\n"
        "sysctl -w net/ipv6/conf/HOSTEND/accept_ra=0\n"
        "sysctl -w net/ipv6/conf/HOSTEND/accept_dad=0\n"
        "ip link set dev HOSTEND up\n");
}

TEST_CASE("the route to the gateway comes first, then the network's, then IPAM's routes") {
  CHECK(inside(R"([{"address": "10.5.0.2/24", "gateway": "10.5.0.1"}])", R"([{"dst": "0.0.0.0/0"}])") ==
        "container: ip address add 10.5.0.2/24 dev eth0 noprefixroute\n"
        "container: ip link set dev eth0 up\n"
        "container: ip route prepend 10.5.0.1/32 dev eth0 src 10.5.0.2 scope 253\n"
        "container: ip route prepend 10.5.0.0/24 via 10.5.0.1 dev eth0 src 10.5.0.2\n"
        "container: ip route prepend default via 10.5.0.1 dev eth0\n");
}

TEST_CASE("a single address has no route to a network") {
  CHECK(inside(R"([{"address": "10.5.0.2/32", "gateway": "169.254.1.1"}])") ==
        "container: ip address add 10.5.0.2/32 dev eth0 noprefixroute\n"
        "container: ip link set dev eth0 up\n"
        "container: ip route prepend 169.254.1.1/32 dev eth0 src 10.5.0.2 scope 253\n");
}

TEST_CASE("two addresses of one network share its gateway and its route") {
  const std::string ips = R"([{"address": "10.5.0.2/24", "gateway": "10.5.0.1"},
                              {"address": "10.5.0.3/24", "gateway": "10.5.0.1"}])";
  CHECK(inside(ips) ==
        "container: ip address add 10.5.0.2/24 dev eth0 noprefixroute\n"
        "container: ip address add 10.5.0.3/24 dev eth0 noprefixroute\n"
        "container: ip link set dev eth0 up\n"
        "container: ip route prepend 10.5.0.1/32 dev eth0 src 10.5.0.2 scope 253\n"
        "container: ip route prepend 10.5.0.0/24 via 10.5.0.1 dev eth0 src 10.5.0.2\n");
  CHECK(outside(ips) ==
        "sysctl -w net/ipv4/ip_forward=1\n"
        "ip address add 10.5.0.1/32 dev HOSTEND\n"
        "ip route prepend 10.5.0.2/32 dev HOSTEND scope 254\n"
        "ip route prepend 10.5.0.3/32 dev HOSTEND scope 254\n");
}

TEST_CASE("IPv6 addresses are usable at once on both ends") {
  const std::string ips = R"([{"address": "fd00:5::2/64", "gateway": "fd00:5::1"}])";
  CHECK(outside(ips) ==
        "sysctl -w net/ipv6/conf/all/forwarding=1\n"
        "ip address add fd00:5::1/128 dev HOSTEND nodad\n"
        "ip -6 route prepend fd00:5::2/128 dev HOSTEND scope 254\n");
  CHECK(inside(ips).starts_with("container: ip address add fd00:5::2/64 dev eth0 nodad noprefixroute\n"));
}

TEST_CASE("an existing IPv6 route to the address stays, and ours is preferred") {
  const std::string ips = R"([{"address": "fd00:5::2/64", "gateway": "fd00:5::1"}])";
  netlink::Route route;
  route.dst = net::Prefix::parse("fd00:5::2/128").value();
  route.priority = 1024;
  CHECK(outside(ips, {route}).find("ip -6 route prepend fd00:5::2/128 dev HOSTEND metric 1023") != std::string::npos);
  route.dst = net::Prefix::parse("fd00:5::/64").value();  // a wider route to the address
  CHECK(outside(ips, {route}).find("metric") == std::string::npos);
}

TEST_CASE("an address without a gateway is rejected: ptp has no other route") {
  CHECK(error_of([] {
          ptp::complete(lease_of(R"([{"address": "10.5.0.2/24"}])"));
        }).starts_with("7: IPAM plugin returned no gateway for 10.5.0.2/24 [ptp needs"));
  CHECK(ptp::complete(lease_of(R"([{"address": "10.5.0.2/24", "gateway": "10.5.0.1"}])")).ips[0].interface == 1);
}

TEST_CASE("errors of bad values name key, value and allowed values") {
  const auto rejection = [](const std::string& keys) { return error_of([&] { config_with(keys); }); };
  CHECK(rejection("").starts_with("7: no plugin name provided [set ipam.type to"));
  CHECK(rejection(R"(, "ipam": {"type": "x"}, "mtu": "1500")").starts_with("7: failed to load netconf: mtu: "));
  CHECK(rejection(R"(, "ipam": {"type": "x"}, "mtu": 70000)")
            .starts_with("7: failed to load netconf: mtu: bad value 70000"));
  CHECK(rejection(R"(, "ipam": {"type": "x"}, "ipMasqBackend": "ipfw")")
            .starts_with("7: unknown ipmasq backend \"ipfw\""));
  CHECK(rejection(R"(, "ipam": {"type": "x"}, "ipMasqBackend": "iptables", "mtu": null)").empty());
}

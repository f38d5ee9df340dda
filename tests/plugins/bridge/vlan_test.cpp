// SPDX-License-Identifier: Apache-2.0
// VLANs of ports, and the VLAN gateway.
#include "plugins/bridge/vlan.h"

#include <doctest/doctest.h>

#include "tests/plugins/bridge/planned.h"

using netlink::PortVlan;
using test::config_with;
using test::link;
using test::shown;

namespace {

net::VlanId id(std::int64_t value) { return net::VlanId::from(value).value(); }
PortVlan tagged(std::int64_t first, std::int64_t last) { return {{id(first), id(last)}}; }
PortVlan untagged(std::int64_t value) { return {{id(value), id(value)}, true, true}; }

std::string vlans_with(const std::string& keys) { return netlink::text(container_vlans(config_with(keys).vlans)); }

bridge::Links links(bool filters = true) {
  bridge::Links links{test::bridge_link(7, "cni0"), link(9, test::kOwner.host_end().text(), "veth"),
                      link(3, "eth0", "veth")};
  links.bridge.filters_vlans = filters;
  links.bridge.default_vlan = 1;
  links.bridge.mtu = 1400;
  return links;
}

std::string port_with(const std::string& keys, const std::vector<PortVlan>& found, bool filters = true) {
  return shown(plan_container_vlans(config_with(keys), links(filters), found));
}

const std::vector<PortVlan> kNew{untagged(1)};
const std::string kGateway = R"("vlan": 100, "isGateway": true, "ipam": {"type": "host-local"})";

netlink::Link gateway(bool is_up) {
  netlink::Link result = link(21, "cni0.100", "veth");
  result.peer = 20;
  result.is_up = is_up;
  return result;
}

netlink::Link gateway_port(std::uint32_t master) {
  netlink::Link result = link(20, "vlgw00000007064", "veth");
  result.peer = 21;
  result.master = master;
  result.is_up = true;
  return result;
}

std::string gateway_text(const netlink::Link& gateway, const std::optional<netlink::Link>& port,
                         const std::vector<PortVlan>& found) {
  return shown(plan_gateway_port(config_with(kGateway), links().bridge, gateway, port, found));
}

}  // namespace

TEST_CASE("the own VLAN is untagged, the trunk's are tagged") {
  CHECK(vlans_with("") == "none");
  CHECK(vlans_with(R"("vlan": 100)") == "100 pvid untagged");
  CHECK(vlans_with(R"("vlan": 100, "vlanTrunk": [{"minID": 200, "maxID": 299}, {"id": 7}])") ==
        "7, 100 pvid untagged, 200-299");
  CHECK(vlans_with(R"("vlanTrunk": [])") == "none");
}

TEST_CASE("a trunk without an own VLAN has VLAN 1 untagged") {
  CHECK(vlans_with(R"("vlanTrunk": [{"id": 7}])") == "1 pvid untagged, 7");
  CHECK(vlans_with(R"("vlanTrunk": [{"minID": 1, "maxID": 4094}])") == "1 pvid untagged, 2-4094");
}

TEST_CASE("a VLAN that is both the own one and in the trunk is untagged") {
  CHECK(vlans_with(R"("vlan": 100, "vlanTrunk": [{"minID": 99, "maxID": 101}])") == "99, 100 pvid untagged, 101");
}

TEST_CASE("a port joins its VLANs in one step and leaves the default VLAN") {
  CHECK(port_with(R"("vlan": 100)", kNew) ==
        "bridge vlan del dev HOSTEND vid 1\nbridge vlan add dev HOSTEND vid 100 pvid untagged\n");
  CHECK(port_with(R"("vlan": 100, "vlanTrunk": [{"minID": 200, "maxID": 299}])", kNew) ==
        "bridge vlan del dev HOSTEND vid 1\n"
        "bridge vlan add dev HOSTEND vid 100 pvid untagged; bridge vlan add dev HOSTEND vid 200-299\n");
  CHECK(port_with(R"("vlan": 100)", {}) == "bridge vlan add dev HOSTEND vid 100 pvid untagged\n");
}

TEST_CASE("existing VLANs are neither added nor deleted") {
  CHECK(port_with(R"("vlanTrunk": [{"id": 7}])", kNew) == "bridge vlan add dev HOSTEND vid 7\n");
  CHECK(port_with(R"("vlan": 100)", {untagged(100)}) == "");
  CHECK(port_with(R"("vlan": 100)", {tagged(90, 110)}) ==
        "bridge vlan del dev HOSTEND vid 90-99; bridge vlan del dev HOSTEND vid 101-110\n"
        "bridge vlan add dev HOSTEND vid 100 pvid untagged\n");
  CHECK(port_with(R"("vlanTrunk": [])", kNew) == "");
  CHECK(port_with("", {}) == "");
}

TEST_CASE("preserveDefaultVlan keeps the default VLAN") {
  CHECK(port_with(R"("vlan": 100, "preserveDefaultVlan": true)", kNew) ==
        "bridge vlan add dev HOSTEND vid 100 pvid untagged\n");
}

TEST_CASE("VLAN filtering is turned on") {
  CHECK(port_with(R"("vlan": 100)", {untagged(100)}, false) == "ip link set dev cni0 type bridge vlan_filtering 1\n");
  CHECK(shown(plan_bridge(config_with(R"("vlanTrunk": [])"), {}, test::kMac))
            .starts_with("ip link add cni0 address 0a:58:0a:01:00:01 type bridge vlan_filtering 1\n"));
}

TEST_CASE("a VLAN gateway is created as a pair; its port has the bridge's MTU and is named by the bridge's index") {
  CHECK(shown(plan_new_gateway(config_with(kGateway), links().bridge)) ==
        "ip link add vlgw00000007064 up mtu 1400 numtxqueues 1 txqueuelen 0 master cni0 type veth peer name "
        "cni0.100 mtu 1400 numtxqueues 1 txqueuelen 0\n"
        "sysctl -w net/ipv6/conf/vlgw00000007064/accept_ra=0\n");
  bridge::Links high = links();
  high.bridge.index = 0xffffffff;
  const std::string keys = R"("vlan": 4094, "isGateway": true, "ipam": {"type": "host-local"})";
  CHECK(shown(plan_new_gateway(config_with(keys), high.bridge)).starts_with("ip link add vlgwffffffffffe up "));
}

TEST_CASE("a new VLAN gateway joins its VLAN and comes up, without duplicate detection") {
  CHECK(gateway_text(gateway(false), gateway_port(7), kNew) ==
        "bridge vlan del dev vlgw00000007064 vid 1\n"
        "bridge vlan add dev vlgw00000007064 vid 100 pvid untagged\n"
        "sysctl -w net/ipv6/conf/cni0.100/accept_ra=0\n"
        "sysctl -w net/ipv6/conf/cni0.100/accept_dad=0\n"
        "ip link set dev cni0.100 up\n");
}

TEST_CASE("an existing VLAN gateway is unchanged") {
  CHECK(gateway_text(gateway(true), gateway_port(7), {untagged(100)}) ==
        "sysctl -w net/ipv6/conf/cni0.100/accept_ra=0\n");
}

TEST_CASE("a VLAN gateway whose bridge was deleted joins the new bridge") {
  CHECK(gateway_text(gateway(true), gateway_port(0), {}) ==
        "ip link set dev vlgw00000007064 master cni0\n"
        "bridge vlan del dev vlgw00000007064 vid 1\n"
        "bridge vlan add dev vlgw00000007064 vid 100 pvid untagged\n"
        "sysctl -w net/ipv6/conf/cni0.100/accept_ra=0\n");
}

TEST_CASE("a veth whose peer is not a port of the bridge is rejected as VLAN gateway") {
  const std::string rejection =
      "999: failed to create vlan interface: \"cni0.100\" already exists but its peer is not a port of cni0";
  const auto error = [](const std::optional<netlink::Link>& port) {
    return error_of([&] { gateway_text(gateway(true), port, {}); });
  };
  CHECK(error(std::nullopt).starts_with(rejection));
  CHECK(error(gateway_port(8)).starts_with(rejection));
  netlink::Link unrelated = gateway_port(7);
  unrelated.peer = 99;
  CHECK(error(unrelated).starts_with(rejection));
}

TEST_CASE("an operator's VLAN device is used as it is") {
  netlink::Link device = gateway(true);
  device.kind = "vlan";
  CHECK(gateway_text(device, std::nullopt, {}) == "sysctl -w net/ipv6/conf/cni0.100/accept_ra=0\n");
}

TEST_CASE("the gateway addresses are on the VLAN gateway, and the bridge's MAC address is unchanged") {
  bridge::Links with_gateway = links();
  with_gateway.vlan_gateway = gateway(true);
  const cni::Result lease = test::lease_of(R"([{"address": "10.1.0.2/24", "gateway": "10.1.0.1"}])");
  const auto plan = [&](const std::vector<std::string>& present, const std::string& keys) {
    return shown(plan_gateway(config_with(kGateway + keys), with_gateway, test::prefixes(present), lease));
  };
  const std::string forward = "sysctl -w net/ipv4/ip_forward=1\n";
  CHECK(plan({}, "") == "ip address add 10.1.0.1/24 dev cni0.100\n" + forward);
  CHECK(plan({"10.1.0.1/24"}, "") == forward);
  CHECK(plan({"10.9.0.1/24"}, R"(, "forceAddress": true)") ==
        "ip address delete 10.9.0.1/24 dev cni0.100\nip address add 10.1.0.1/24 dev cni0.100\n" + forward);
  CHECK(
      error_of([&] { plan({"10.9.0.1/24"}, ""); })
          .starts_with("999: failed to set vlan interface for bridge with addr: \"cni0.100\" already has an IP address "
                       "different from 10.1.0.1/24"));
}

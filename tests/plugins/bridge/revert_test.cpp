// SPDX-License-Identifier: Apache-2.0
// Reverting a failed ADD with VLANs. (Without VLANs: plan_links_test.cpp.)
#include "plugins/bridge/revert.h"

#include <doctest/doctest.h>

#include "tests/plugins/bridge/planned.h"

using bridge::Seen;
using netlink::PortVlan;
using test::config_with;
using test::link;
using test::shown;

namespace {

const std::string kKeys = R"("vlan": 100, "isGateway": true, "ipam": {"type": "host-local"})";

PortVlan untagged(std::int64_t value) {
  const net::VlanId id = net::VlanId::from(value).value();
  return {{id, id}, true, true};
}

netlink::Link port(std::uint32_t index, const std::string& name, const std::string& alias) {
  netlink::Link result = link(index, name, "veth");
  result.alias = alias;
  return result;
}

Seen with_bridge(bool filters) {
  Seen seen;
  seen.bridge = test::bridge_link(7, "cni0");
  seen.bridge->is_up = true;
  seen.bridge->filters_vlans = filters;
  seen.bridge->default_vlan = 1;
  return seen;
}

// The bridge with this attachment's port, the VLAN gateway and its port.
Seen after_add() {
  Seen seen = with_bridge(true);
  seen.gateway = link(21, "cni0.100", "veth");
  seen.gateway->peer = 20;
  seen.gateway->is_up = true;
  seen.ports = {port(9, test::kOwner.host_end().text(), test::kOwner.unfinished_alias()), port(20, "vlgw", "")};
  seen.vlans = {{9, {untagged(100)}}, {20, {untagged(100)}}};
  return seen;
}

void join(Seen& seen, const std::string& alias, std::int64_t vlan) {
  seen.ports.push_back(port(30, "vethz", alias));
  seen.vlans[30] = {untagged(vlan)};
}

std::string gateway_reverted(const Seen& before, const Seen& now) {
  return shown(plan_revert_gateway(config_with(kKeys), before, now));
}
std::string bridge_reverted(const Seen& before, const Seen& now) {
  return shown(plan_revert_bridge(config_with(kKeys), before, now));
}

}  // namespace

TEST_CASE("a failed ADD deletes the VLAN gateway that it created") {
  CHECK(gateway_reverted(with_bridge(true), after_add()) == "ip link delete dev cni0.100\n");
  CHECK(gateway_reverted({}, after_add()) == "ip link delete dev cni0.100\n");
  CHECK(gateway_reverted({}, {}) == "");
}

TEST_CASE("a VLAN gateway is kept if another port is in its VLAN, in any network") {
  Seen now = after_add();
  join(now, "other/c2/eth0", 100);
  CHECK(gateway_reverted({}, now) == "");
  now.vlans[30] = {untagged(200)};
  CHECK(gateway_reverted({}, now) == "ip link delete dev cni0.100\n");
}

TEST_CASE("state and addresses of an existing VLAN gateway are restored") {
  Seen before = after_add();
  before.gateway_addresses = test::prefixes({"10.9.0.1/24", "fe80::1/64"});
  Seen now = before;
  CHECK(gateway_reverted(before, now) == "");
  now.gateway_addresses = test::prefixes({"10.1.0.1/24", "fe80::2/64"});
  const std::string addresses = "ip address delete 10.1.0.1/24 dev cni0.100\nip address add 10.9.0.1/24 dev cni0.100\n";
  CHECK(gateway_reverted(before, now) == addresses);
  before.gateway->is_up = false;
  CHECK(gateway_reverted(before, now) == "ip link set dev cni0.100 down\n" + addresses);
  join(now, "n/c2/eth0 (unfinished)", 100);
  CHECK(gateway_reverted(before, now) == "");
}

TEST_CASE("the VLAN gateway's port does not prevent the deletion of an unused bridge") {
  CHECK(bridge_reverted({}, after_add()) == "ip link delete dev cni0\n");
}

TEST_CASE("VLAN filtering is switched off again if no other port has a VLAN") {
  const std::string off = "ip link set dev cni0 type bridge vlan_filtering 0\n";
  const Seen before = with_bridge(false);
  Seen now = after_add();
  CHECK(bridge_reverted(before, now) == off);
  CHECK(bridge_reverted(with_bridge(true), now) == "");
  join(now, "other/c2/eth0", 1);  // every port's default
  CHECK(bridge_reverted(before, now) == off);
  now.vlans[30] = {untagged(200)};
  CHECK(bridge_reverted(before, now) == "");
  now.vlans.erase(30);  // isolated on purpose
  CHECK(bridge_reverted(before, now) == "");
}

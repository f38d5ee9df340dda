// SPDX-License-Identifier: Apache-2.0
// VLANs of bridge ports. tests/kernels runs this file too, with a kernel that has VLAN filtering.
#include "lib/netlink/bridge_vlan.h"

#include <linux/netlink.h>

#include <doctest/doctest.h>

#include "tests/netns/lib/network.h"

using netlink::PortVlan;
using test::failure_of;
using test::Host;
using test::kMac;
using test::make;

namespace {

const net::IfName kBridge("cni0");
const net::IfName kPort("port");

PortVlan tagged(std::int64_t first, std::int64_t last) {
  return {{net::VlanId::from(first).value(), net::VlanId::from(last).value()}};
}
PortVlan untagged(std::int64_t value) {
  PortVlan vlan = tagged(value, value);
  vlan.is_pvid = vlan.is_untagged = true;
  return vlan;
}

// A host with a bridge and one port, the end of a veth pair. The pair's other end is also on the host.
struct Place {
  Host host;
  netlink::Socket socket{NETLINK_ROUTE};
  std::uint32_t port = 0;

  Place() {
    make(socket, test::new_bridge(kBridge, kMac));
    make(socket, pair());
    port = test::index_of(socket, "port");
  }
  netlink::NewLink pair() {
    netlink::NewLink pair{kPort, netlink::Veth{net::IfName("far")}};
    pair.master = {test::index_of(socket, "cni0"), "cni0"};
    pair.is_up = true;
    return pair;
  }

  bool can_filter() {
    if (netlink::can_filter_vlans(socket)) return true;
    static bool is_reported = false;
    if (!is_reported) MESSAGE("SKIP: this kernel cannot filter VLANs; tests/kernels has one that can");
    is_reported = true;
    return false;
  }
  std::string vlans() { return netlink::text(netlink::observe_vlans(socket, port)); }
};

}  // namespace

TEST_CASE("creating a veth pair with both ends on the host twice is an error, except with may_exist") {
  Place place;
  CHECK(failure_of([&] {
          make(place.socket, place.pair());
        }).starts_with("failed to make veth pair: create port with peer far: "));
  netlink::NewLink again = place.pair();
  again.may_exist = true;
  CHECK_NOTHROW(make(place.socket, again));
  CHECK(netlink::observe_link(place.socket, net::IfName("far"))->peer == place.port);
}

TEST_CASE("a link joins a bridge, joins it again, and moves to another bridge") {
  Place place;
  make(place.socket, test::new_bridge(net::IfName("br1"), kMac));
  for (const char* bridge : {"cni0", "br1", "br1"}) {
    const std::uint32_t index = test::index_of(place.socket, bridge);
    CHECK_NOTHROW(make(place.socket, netlink::SetMaster{kPort, index, bridge}));
    CHECK(netlink::observe_link(place.socket, kPort)->master == index);
  }
  CHECK(failure_of([&] {
          make(place.socket, netlink::SetMaster{net::IfName("none"), 1, "br1"});
        }).starts_with("failed to connect \"none\" to bridge br1: "));
}

TEST_CASE("VLANs are added to a port, a second time, and with other flags; a missing port is an error") {
  Place place;
  if (!place.can_filter()) return;
  CHECK(place.vlans() == "1 pvid untagged");
  const netlink::AddVlans change{kPort, place.port, {untagged(100), tagged(200, 299), tagged(400, 400)}};
  for (int i = 0; i < 2; ++i) {
    CHECK_NOTHROW(make(place.socket, change));
    CHECK(place.vlans() == "1 untagged, 100 pvid untagged, 200-299, 400");
  }
  make(place.socket, netlink::AddVlans{kPort, place.port, {tagged(100, 100)}});
  CHECK(place.vlans() == "1 untagged, 100, 200-299, 400");
  CHECK(failure_of([&] {
          make(place.socket, netlink::AddVlans{kPort, 999, {untagged(100)}});
        }).starts_with("failed to setup vlan tag on interface \"port\" (100 pvid untagged): "));
}

TEST_CASE("deleting VLANs is not an error if the VLAN or the port does not exist") {
  Place place;
  if (!place.can_filter()) return;
  make(place.socket, netlink::AddVlans{kPort, place.port, {tagged(10, 20)}});
  for (int i = 0; i < 2; ++i) {
    CHECK_NOTHROW(make(place.socket, netlink::DeleteVlans{kPort, place.port, {tagged(1, 1), tagged(12, 14)}}));
    CHECK(place.vlans() == "10-11, 15-20");
  }
  CHECK_NOTHROW(make(place.socket, netlink::DeleteVlans{kPort, 999, {tagged(1, 1)}}));
}

TEST_CASE("all 4094 VLANs, with alternating flags, are set in one message and read back") {
  Place place;
  if (!place.can_filter()) return;
  std::vector<PortVlan> every;
  for (std::int64_t id = 1; id <= 4094; ++id) {
    every.push_back(tagged(id, id));
    every.back().is_untagged = id % 2 == 0;
  }
  make(place.socket, netlink::AddVlans{kPort, place.port, every});
  CHECK((netlink::observe_vlans(place.socket, place.port) == netlink::normalized(every)));
}

TEST_CASE("the VLANs of one port, of all ports, and of a link that is not a port are observed") {
  Place place;
  if (!place.can_filter()) return;
  make(place.socket, netlink::AddVlans{kPort, place.port, {tagged(7, 7)}});
  auto all = netlink::observe_vlans(place.socket);
  CHECK(netlink::text(all[place.port]) == "1 pvid untagged, 7");
  CHECK(netlink::text(all[test::index_of(place.socket, "cni0")]) == "1 pvid untagged");
  CHECK(all.size() == 2);
  CHECK(netlink::observe_vlans(place.socket, test::index_of(place.socket, "far")).empty());
  CHECK(netlink::observe_vlans(place.socket, 999).empty());
}

TEST_CASE("VLAN filtering is enabled and disabled, each twice") {
  Place place;
  if (!place.can_filter()) return;
  CHECK(netlink::observe_bridge(place.socket, kBridge)->default_vlan == 1);
  for (const bool on : {true, true, false, false}) {
    CHECK_NOTHROW(make(place.socket, netlink::SetVlanFiltering{kBridge, on}));
    CHECK(netlink::observe_bridge(place.socket, kBridge)->filters_vlans == on);
  }
  CHECK(failure_of([&] {
          make(place.socket, netlink::SetVlanFiltering{net::IfName("none"), true});
        }).starts_with("enable VLAN filtering of bridge none: "));
}

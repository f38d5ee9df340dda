// SPDX-License-Identifier: Apache-2.0
// VLANs of bridge ports. tests/uml runs this file too, under a kernel that can filter them.
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

// A bridge with a port, if the kernel can filter VLANs, whose other end is on the host as well.
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
    static bool is_told = false;
    if (!is_told) MESSAGE("SKIP: this kernel cannot filter VLANs; tests/uml has one that can");
    is_told = true;
    return false;
  }
  std::string vlans() { return netlink::text(netlink::observe_vlans(socket, port)); }
};

}  // namespace

TEST_CASE("a pair with both ends on the host is made once") {
  Place place;
  CHECK(failure_of([&] {
          make(place.socket, place.pair());
        }).starts_with("failed to make veth pair: create port with peer far: "));
  netlink::NewLink again = place.pair();
  again.may_exist = true;
  CHECK_NOTHROW(make(place.socket, again));
  CHECK(netlink::observe_link(place.socket, net::IfName("far"))->peer == place.port);
}

TEST_CASE("a link becomes a bridge's port, stays one, and becomes another's") {
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

TEST_CASE("VLANs are added to a port, again, with other marks, and not to a port that is gone") {
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

TEST_CASE("VLANs are removed from a port, those that are not there too, and from one that is gone") {
  Place place;
  if (!place.can_filter()) return;
  make(place.socket, netlink::AddVlans{kPort, place.port, {tagged(10, 20)}});
  for (int i = 0; i < 2; ++i) {
    CHECK_NOTHROW(make(place.socket, netlink::DeleteVlans{kPort, place.port, {tagged(1, 1), tagged(12, 14)}}));
    CHECK(place.vlans() == "10-11, 15-20");
  }
  CHECK_NOTHROW(make(place.socket, netlink::DeleteVlans{kPort, 999, {tagged(1, 1)}}));
}

TEST_CASE("every VLAN there can be, each with other marks than the next, is set in one message and read back") {
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

TEST_CASE("VLANs are told of one port, of all, and of what is no port") {
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

TEST_CASE("VLAN filtering is switched on and off, each twice") {
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

// SPDX-License-Identifier: Apache-2.0
#include <linux/netlink.h>

#include <doctest/doctest.h>

#include "lib/netns/netns.h"
#include "tests/netns/lib/network.h"

using test::failure_of;
using test::has_flag;
using test::Host;
using test::Json;
using test::kMac;
using test::make;

namespace {

const net::IfName kBridge("cni0");
const net::IfName kHostEnd("vethx");
const net::IfName kPeer("eth0");

// A host with a bridge and a container.
struct Place {
  Host host;
  netns::Netns container = netns::Netns::open(host.add_netns("x")).value();
  netlink::Socket socket{NETLINK_ROUTE};
  Place() { make(socket, test::new_bridge(kBridge, kMac)); }

  netlink::NewLink pair(const std::optional<net::Mac>& peer_mac = {}) {
    netlink::NewLink pair{kHostEnd, netlink::Veth{kPeer, container.fd(), container.path(), peer_mac}};
    pair.master = {test::index_of(socket, "cni0"), "cni0"};
    pair.is_up = true;
    return pair;
  }
};

}  // namespace

TEST_CASE("a new bridge is down and has its MAC address and MTU") {
  const Host host;
  netlink::Socket socket(NETLINK_ROUTE);
  make(socket, test::new_bridge(kBridge, kMac, 1400));
  const Json link = shown_link(host, "cni0");
  CHECK(link["linkinfo"]["info_kind"] == "bridge");
  CHECK(link["address"] == kMac.text());
  CHECK(link["mtu"] == 1400);
  CHECK(!has_flag(link, "UP"));
}

TEST_CASE("an existing bridge is not changed") {
  const Host host;
  netlink::Socket socket(NETLINK_ROUTE);
  make(socket, test::new_bridge(kBridge, kMac));
  host.run({"ip", "link", "set", "cni0", "up"});
  CHECK_NOTHROW(make(socket, test::new_bridge(kBridge, netlink::random_mac(), 1400)));
  const Json link = shown_link(host, "cni0");
  CHECK(link["address"] == kMac.text());
  CHECK(link["mtu"] == 1500);
  CHECK(has_flag(link, "UP"));
}

TEST_CASE("a bridge keeps its MAC address when a port with a lower one joins") {
  const Host host;
  netlink::Socket socket(NETLINK_ROUTE);
  make(socket, test::new_bridge(kBridge, kMac));
  host.run({"ip", "link", "add", "d0", "address", "02:00:00:00:00:01", "type", "veth"});
  host.run({"ip", "link", "set", "d0", "master", "cni0"});
  CHECK(shown_link(host, "cni0")["address"] == kMac.text());
  host.run({"ip", "link", "add", "other", "type", "bridge"});  // without a fixed MAC address, it changes
  host.run({"ip", "link", "set", "d0", "master", "other"});
  CHECK(shown_link(host, "other")["address"] == "02:00:00:00:00:01");
}

TEST_CASE("a bridge is deleted by index; another bridge with its name stays") {
  const Host host;
  netlink::Socket socket(NETLINK_ROUTE);
  make(socket, test::new_bridge(kBridge, kMac));
  const std::uint32_t index = test::index_of(socket, "cni0");
  host.run({"ip", "link", "delete", "cni0"});
  host.run({"ip", "link", "add", "d0", "type", "bridge"});
  make(socket, test::new_bridge(kBridge, kMac));
  CHECK_NOTHROW(make(socket, netlink::DeleteLink{kBridge, index}));
  CHECK(!shown_link(host, "cni0").is_null());
  const netlink::DeleteLink change{kBridge, test::index_of(socket, "cni0")};
  make(socket, change);
  CHECK(shown_link(host, "cni0").is_null());
  CHECK_NOTHROW(make(socket, change));
}

TEST_CASE("a new veth pair has its host end up in the bridge, and its other end down in the container") {
  Place place;
  make(place.socket, place.pair());
  const Json near = shown_link(place.host, "vethx");
  CHECK(near["linkinfo"]["info_kind"] == "veth");
  CHECK(near["master"] == "cni0");
  CHECK(has_flag(near, "UP"));
  const Json far = shown_link(place.host, "eth0", "x");
  REQUIRE(!far.is_null());
  CHECK(!has_flag(far, "UP"));
  CHECK(far["link_index"] == near["ifindex"]);
  CHECK(near["link_index"] == far["ifindex"]);
  CHECK(shown_link(place.host, "eth0").is_null());
}

TEST_CASE("both ends of a veth pair have the MTU, and the container's end has the MAC address") {
  Place place;
  netlink::NewLink pair = place.pair(net::Mac{{0x0a, 0x58, 0x0a, 0x01, 0x00, 0x09}});
  pair.mtu = 1400;
  make(place.socket, pair);
  CHECK(shown_link(place.host, "vethx")["mtu"] == 1400);
  const Json far = shown_link(place.host, "eth0", "x");
  CHECK(far["mtu"] == 1400);
  CHECK(far["address"] == "0a:58:0a:01:00:09");
}

TEST_CASE("both ends of a veth pair have the queue counts") {
  Place place;
  netlink::NewLink pair = place.pair();
  pair.tx_queues = 1;
  pair.rx_queues = 2;
  make(place.socket, pair);
  for (const Json& end : {shown_link(place.host, "vethx"), shown_link(place.host, "eth0", "x")}) {
    CHECK(end["num_tx_queues"] == 1);
    CHECK(end["num_rx_queues"] == 2);
  }
}

TEST_CASE("a link is created in another namespace") {
  Place place;
  netlink::NewLink bridge = test::new_bridge(net::IfName("br1"));
  bridge.netns = {place.container.fd(), place.container.path()};
  make(place.socket, bridge);
  CHECK(shown_link(place.host, "br1").is_null());
  CHECK(shown_link(place.host, "br1", "x")["address"] == kMac.text());
}

TEST_CASE("a veth pair without a bridge has no master") {
  Place place;
  netlink::NewLink pair = place.pair();
  pair.master = {};
  make(place.socket, pair);
  CHECK(!shown_link(place.host, "vethx").contains("master"));
}

TEST_CASE("a veth pair is rejected if one of its names exists, and no end is left") {
  Place place;
  test::add_link(place.host, "vethx");
  const std::string what = "failed to make veth pair: create vethx with peer eth0 in /run/netns/x: ";
  CHECK(failure_of([&] { make(place.socket, place.pair()); }) == what + "File exists");
  CHECK(shown_link(place.host, "eth0", "x").is_null());
  place.host.run({"ip", "link", "delete", "vethx"});
  test::add_link(place.host, "eth0", "x");
  CHECK(failure_of([&] { make(place.socket, place.pair()); }) == what + "File exists");
  CHECK(shown_link(place.host, "vethx").is_null());
  CHECK(shown_link(place.host, "eth0", "x")["link"] == "peth0");
}

TEST_CASE("creating a veth pair twice is an error") {
  Place place;
  make(place.socket, place.pair());
  CHECK(failure_of([&] { make(place.socket, place.pair()); }).ends_with(": File exists"));
  CHECK(!shown_link(place.host, "eth0", "x").is_null());
}

TEST_CASE("a veth pair is rejected if its bridge is gone, and no end is left") {
  Place place;
  const netlink::NewLink pair = place.pair();
  place.host.run({"ip", "link", "delete", "cni0"});
  CHECK(failure_of([&] { make(place.socket, pair); }).starts_with("failed to make veth pair: create vethx"));
  CHECK(shown_link(place.host, "vethx").is_null());
  CHECK(shown_link(place.host, "eth0", "x").is_null());
}

TEST_CASE("one message sets a port's flags and alias, the first and the second time") {
  Place place;
  make(place.socket, place.pair());
  for (int i = 0; i < 2; ++i) {
    make(place.socket, netlink::SetPort{kHostEnd, "n/c1/eth0", true, false});
    const Json link = shown_link(place.host, "vethx");
    CHECK(link["ifalias"] == "n/c1/eth0");
    CHECK(link["linkinfo"]["info_slave_data"]["hairpin"] == true);
    CHECK(link["linkinfo"]["info_slave_data"]["isolated"] == false);
  }
  make(place.socket, netlink::SetPort{kHostEnd, "", false, true});
  const Json link = shown_link(place.host, "vethx");
  CHECK(link["ifalias"] == "n/c1/eth0");
  CHECK(link["linkinfo"]["info_slave_data"]["hairpin"] == false);
  CHECK(link["linkinfo"]["info_slave_data"]["isolated"] == true);
}

TEST_CASE("port flags of a missing link, or of a link that is not a port, are an error") {
  Place place;
  CHECK(!failure_of([&] { make(place.socket, netlink::SetPort{kHostEnd, "n/c1/eth0", true, false}); }).empty());
  CHECK(shown_link(place.host, "vethx").is_null());
  test::add_link(place.host, "vethx");
  CHECK(!failure_of([&] { make(place.socket, netlink::SetPort{kHostEnd, "", true, false}); }).empty());
}

TEST_CASE("an alias has up to 254 bytes, the limit for an owner") {
  Place place;
  make(place.socket, place.pair());
  make(place.socket, netlink::SetPort{kHostEnd, std::string(254, 'n'), false, false});
  CHECK(shown_link(place.host, "vethx")["ifalias"] == std::string(254, 'n'));
  CHECK(!failure_of([&] {
           make(place.socket, netlink::SetPort{kHostEnd, std::string(255, 'n'), false, false});
         }).empty());
}

// SPDX-License-Identifier: Apache-2.0
#include "lib/netlink/link.h"

#include <linux/netlink.h>

#include <doctest/doctest.h>

#include "lib/netns/netns.h"
#include "tests/netns/lib/network.h"

using netlink::observe_link;
using test::failure_of;
using test::has_flag;
using test::Host;
using test::Json;
using test::kMac;
using test::make;

namespace {

const net::IfName kName("d0");

// Waits until the link is running, or is not. The kernel updates this state later than its cause.
bool is_soon_running(const Host& host, netlink::Socket& socket, bool expected) {
  for (int left = 500; left > 0 && observe_link(socket, kName)->is_running != expected; --left) {
    host.run({"sleep", "0.02"});
  }
  return observe_link(socket, kName)->is_running;
}

}  // namespace

TEST_CASE("a link is found by name and by index; a missing link is not found") {
  const Host host;
  netlink::Socket socket(NETLINK_ROUTE);
  CHECK(!observe_link(socket, kName));
  CHECK(!observe_link(socket, 4711));
  test::add_link(host, "d0");
  const auto link = observe_link(socket, kName);
  REQUIRE(link);
  CHECK(link->name == "d0");
  const auto again = observe_link(socket, link->index);
  REQUIRE(again);
  CHECK(again->name == "d0");
  CHECK(again->index == link->index);
}

TEST_CASE("an observed link has the properties that ip(8) prints") {
  const Host host;
  netlink::Socket socket(NETLINK_ROUTE);
  host.run({"ip", "link", "add", "d0", "mtu", "1400", "address", "0a:58:0a:01:00:07", "type", "veth"});
  host.run({"ip", "link", "set", "d0", "alias", "n/c1/eth0", "promisc", "on"});
  const auto link = observe_link(socket, kName);
  REQUIRE(link);
  CHECK(link->kind == "veth");
  CHECK(link->alias == "n/c1/eth0");
  CHECK(link->mtu == 1400);
  REQUIRE(link->mac);
  CHECK(link->mac->text() == "0a:58:0a:01:00:07");
  CHECK(link->master == 0);
  CHECK(!link->is_up);
  CHECK(link->is_promiscuous);
  CHECK(!link->is_running);
  host.run({"ip", "link", "set", "d0", "up", "promisc", "off"});
  CHECK(observe_link(socket, kName)->is_up);
  CHECK(!is_soon_running(host, socket, false));  // its peer is down
  host.run({"ip", "link", "set", "veth0", "up"});
  CHECK(observe_link(socket, kName)->is_up);
  CHECK(is_soon_running(host, socket, true));
  CHECK(!observe_link(socket, kName)->is_promiscuous);
}

TEST_CASE("lo has no kind") {
  const Host host;
  netlink::Socket socket(NETLINK_ROUTE);
  const auto lo = observe_link(socket, net::IfName("lo"));
  REQUIRE(lo);
  CHECK(lo->kind == "");
  CHECK(lo->is_up);
}

TEST_CASE("an observed port has its bridge and flags, and a veth has its peer") {
  const Host host;
  netlink::Socket socket(NETLINK_ROUTE);
  host.run({"ip", "link", "add", "cni0", "type", "bridge"});
  host.run({"ip", "link", "add", "d0", "master", "cni0", "type", "veth", "peer", "name", "d1"});
  const auto bridge = observe_link(socket, net::IfName("cni0"));
  auto port = observe_link(socket, kName);
  REQUIRE((bridge && port));
  CHECK(port->kind == "veth");
  CHECK(port->master == bridge->index);
  CHECK(port->peer == test::index_of(socket, "d1"));
  CHECK(!port->is_hairpin);
  CHECK(!port->is_isolated);
  host.run({"ip", "link", "set", "d0", "type", "bridge_slave", "hairpin", "on"});
  CHECK(observe_link(socket, kName)->is_hairpin);
  CHECK(!observe_link(socket, kName)->is_isolated);
  host.run({"ip", "link", "set", "d0", "type", "bridge_slave", "hairpin", "off", "isolated", "on"});
  CHECK(!observe_link(socket, kName)->is_hairpin);
  CHECK(observe_link(socket, kName)->is_isolated);
}

TEST_CASE("all links are observed, or the ports of one bridge") {
  const Host host;
  netlink::Socket socket(NETLINK_ROUTE);
  CHECK(netlink::observe_links(socket).size() == 1);  // lo
  for (const char* bridge : {"cni0", "cni1"}) host.run({"ip", "link", "add", bridge, "type", "bridge"});
  test::add_link(host, "d0");
  test::add_link(host, "d1");
  host.run({"ip", "link", "set", "d0", "master", "cni0"});
  CHECK(netlink::observe_links(socket).size() == 7);  // with the links' peers
  const auto ports = netlink::observe_links(socket, test::index_of(socket, "cni0"));
  REQUIRE(ports.size() == 1);
  CHECK(ports[0].name == "d0");
  CHECK(netlink::observe_links(socket, test::index_of(socket, "cni1")).empty());
}

TEST_CASE("SetLink changes only the given properties of a link, the first and the second time") {
  const Host host;
  netlink::Socket socket(NETLINK_ROUTE);
  host.run({"ip", "link", "add", "d0", "type", "bridge"});
  for (int i = 0; i < 2; ++i) {
    make(socket, netlink::SetLink{kName, {}, true, kMac, "n/c1/eth0"});
    const Json link = shown_link(host, "d0");
    CHECK(!has_flag(link, "UP"));
    CHECK(has_flag(link, "PROMISC"));
    CHECK(link["address"] == kMac.text());
    CHECK(link["ifalias"] == "n/c1/eth0");
  }
  for (int i = 0; i < 2; ++i) {
    make(socket, netlink::SetLink{kName, true});
    CHECK(has_flag(shown_link(host, "d0"), "UP"));
    CHECK(has_flag(shown_link(host, "d0"), "PROMISC"));
  }
  make(socket, netlink::SetLink{kName, false, false});
  const Json link = shown_link(host, "d0");
  CHECK(!has_flag(link, "UP"));
  CHECK(!has_flag(link, "PROMISC"));
  CHECK(link["ifalias"] == "n/c1/eth0");
}

TEST_CASE("alternative names are added, observed and deleted; a missing link is not an error of the deletion") {
  const Host host;
  netlink::Socket socket(NETLINK_ROUTE);
  test::add_link(host, "d0");
  test::add_link(host, "d1");
  CHECK(observe_link(socket, kName)->alt_names.empty());
  make(socket, netlink::NewAltName{kName, "n:c1:eth0"});
  make(socket, netlink::NewAltName{kName, "was:d0:1500"});
  CHECK(observe_link(socket, kName)->alt_names == std::vector<std::string>{"n:c1:eth0", "was:d0:1500"});
  CHECK(netlink::observe_link_by_alt_name(socket, "n:c1:eth0")->name == "d0");
  CHECK(failure_of([&] {
          make(socket, netlink::NewAltName{net::IfName("d1"), "n:c1:eth0"});
        }).ends_with("File exists"));
  make(socket, netlink::DeleteAltName{kName, "n:c1:eth0"});
  CHECK(observe_link(socket, kName)->alt_names == std::vector<std::string>{"was:d0:1500"});
  CHECK(!netlink::observe_link_by_alt_name(socket, "n:c1:eth0"));
  make(socket, netlink::DeleteAltName{net::IfName("d9"), "n:c1:eth0"});
}

TEST_CASE("SetLink moves a link and renames it in one step; marks, MTU and MAC address move with it") {
  Host host;
  host.add_netns("box");
  netlink::Socket socket(NETLINK_ROUTE);
  test::add_link(host, "d0");
  host.run({"ip", "link", "set", "d0", "mtu", "1400", "address", kMac.text(), "alias", "d0"});
  host.run({"ip", "link", "property", "add", "dev", "d0", "altname", "n:c1:eth0"});
  const auto box = netns::Netns::open("/run/netns/box").value();
  const netlink::SetLink move{.name = kName,
                              .index = test::index_of(socket, "d0"),
                              .new_name = net::IfName("eth0"),
                              .netns = {box.fd(), box.path()}};
  CHECK(netlink::text(move) == "ip link set dev d0 netns /run/netns/box name eth0");
  make(socket, move);
  CHECK(!observe_link(socket, kName));
  const Json link = shown_link(host, "eth0", "box");
  CHECK(link["mtu"] == 1400);
  CHECK(link["address"] == kMac.text());
  CHECK(link["ifalias"] == "d0");
  CHECK(link["altnames"] == Json{"n:c1:eth0"});
  CHECK(!has_flag(link, "UP"));
  CHECK(failure_of([&] { make(socket, move); }).ends_with("No such device"));
}

TEST_CASE("MTU, queue length and allmulticast are set together and one by one, and observed") {
  const Host host;
  netlink::Socket socket(NETLINK_ROUTE);
  test::add_link(host, "d0");
  netlink::SetLink change{kName};
  change.mtu = 1400;
  change.all_multicast = true;
  change.tx_queue_length = 500;
  for (int i = 0; i < 2; ++i) {
    make(socket, change);
    const Json link = shown_link(host, "d0");
    CHECK(link["mtu"] == 1400);
    CHECK(link["txqlen"] == 500);
    CHECK(has_flag(link, "ALLMULTI"));
  }
  const auto seen = netlink::observe_link(socket, kName);
  REQUIRE(seen);
  CHECK(seen->mtu == 1400);
  CHECK(seen->tx_queue_length == 500);
  CHECK(seen->is_all_multicast);
  netlink::SetLink back{kName};
  back.all_multicast = false;
  make(socket, back);
  CHECK(!netlink::observe_link(socket, kName)->is_all_multicast);
  CHECK(netlink::observe_link(socket, kName)->mtu == 1400);
}

TEST_CASE("a link with a sniffer is not observed as promiscuous") {
  const Host host;
  netlink::Socket socket(NETLINK_ROUTE);
  test::add_link(host, "d0");
  const test::Background sniffer("",
                                 {"python3", "-c",
                                  "import socket, struct, time\n"
                                  "s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)\n"
                                  "s.setsockopt(263, 1, struct.pack('IHH8s', socket.if_nametoindex('d0'), 1, 0, b''))\n"
                                  "time.sleep(60)"});
  for (int left = 500; left > 0 && host.ip("-d link show dev d0")[0]["promiscuity"] == 0; --left) {
    host.run({"sleep", "0.02"});
  }
  CHECK(host.ip("-d link show dev d0")[0]["promiscuity"] == 1);
  CHECK(!netlink::observe_link(socket, kName)->is_promiscuous);
}

TEST_CASE("changing a missing link is an error") {
  const Host host;
  netlink::Socket socket(NETLINK_ROUTE);
  CHECK(failure_of([&] {
          make(socket, netlink::SetLink{kName, true});
        }) == "change link d0 (ip link set dev d0 up): No such device");
}

TEST_CASE("deleting a link twice is not an error") {
  const Host host;
  netlink::Socket socket(NETLINK_ROUTE);
  test::add_link(host, "d0");
  make(socket, netlink::DeleteLink{kName});
  CHECK(shown_link(host, "d0").is_null());
  CHECK_NOTHROW(make(socket, netlink::DeleteLink{kName}));
  CHECK(failure_of([&] { make(socket, netlink::DeleteLink{net::IfName("lo")}); }) ==
        "delete link lo: Operation not supported");
}

TEST_CASE("a link is deleted by index; another link with its name stays") {
  const Host host;
  netlink::Socket socket(NETLINK_ROUTE);
  test::add_link(host, "d0");
  const netlink::DeleteLink seen{kName, netlink::observe_link(socket, kName).value().index};
  host.run({"ip", "link", "delete", "d0"});
  test::add_link(host, "d0");
  CHECK_NOTHROW(make(socket, seen));
  CHECK(!shown_link(host, "d0").is_null());
  make(socket, netlink::DeleteLink{kName, netlink::observe_link(socket, kName).value().index});
  CHECK(shown_link(host, "d0").is_null());
}

TEST_CASE("a link is found by its name of 15 characters, and not by a prefix of it") {
  const Host host;
  netlink::Socket socket(NETLINK_ROUTE);
  test::add_link(host, "d0123456789abcd");
  CHECK(observe_link(socket, net::IfName("d0123456789abcd")));
  CHECK(!observe_link(socket, net::IfName("d0123456789abc")));
}

TEST_CASE("one message sets a link's name and alias, by index") {
  const Host host;
  netlink::Socket socket(NETLINK_ROUTE);
  host.run({"ip", "link", "add", "d0", "type", "veth"});
  netlink::SetLink change{kName};
  change.index = test::index_of(socket, "d0");
  change.new_name = net::IfName("d1");
  change.alias = "n/c1/eth0";
  make(socket, change);
  CHECK(!observe_link(socket, kName));
  CHECK(observe_link(socket, net::IfName("d1"))->alias == "n/c1/eth0");
}

TEST_CASE("a kind is supported if ip(8) can create a link of it; is_supported creates none") {
  const Host host;
  netlink::Socket socket(NETLINK_ROUTE);
  const std::size_t before = netlink::observe_links(socket).size();
  CHECK(netlink::is_supported(socket, netlink::Bridge{}));
  CHECK(netlink::is_supported(socket, netlink::Veth{net::IfName("p0")}));
  const bool has_dummy = netlink::is_supported(socket, netlink::Dummy{});
  CHECK(netlink::observe_links(socket).size() == before);
  CHECK(has_dummy == (host.try_run({}, {"ip", "link", "add", "d9", "type", "dummy"}).exit_code == 0));
}

TEST_CASE("is_supported works if a link named probe exists") {
  const Host host;
  host.run({"ip", "link", "add", "probe", "type", "bridge"});
  netlink::Socket socket(NETLINK_ROUTE);
  CHECK(netlink::is_supported(socket, netlink::Bridge{}));
}

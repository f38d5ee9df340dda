// SPDX-License-Identifier: Apache-2.0
#include "lib/netlink/address.h"

#include <linux/netlink.h>

#include <doctest/doctest.h>

#include "tests/netns/lib/network.h"

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
  }

  [[nodiscard]] netlink::NewAddress address(const std::string& text) const { return {kName, index, prefix(text)}; }

  // The address as `ip -j address` prints it; null if it does not exist.
  [[nodiscard]] Json shown(const std::string& local) const {
    const Json links = host.ip("address show dev d0");
    for (const Json& one : links.at(0)["addr_info"]) {
      if (one["local"] == local) return one;
    }
    return {};
  }
};

}  // namespace

TEST_CASE("an IPv4 address has its prefix length and its subnet's broadcast address") {
  Place place;
  make(place.socket, place.address("10.1.0.2/24"));
  const Json address = place.shown("10.1.0.2");
  CHECK(address["prefixlen"] == 24);
  CHECK(address["broadcast"] == "10.1.0.255");
  CHECK(address["scope"] == "global");
}

TEST_CASE("an IPv4 /31 or /32 has no broadcast address") {
  Place place;
  make(place.socket, place.address("10.1.0.2/31"));
  make(place.socket, place.address("10.1.0.9/32"));
  CHECK(!place.shown("10.1.0.2").contains("broadcast"));
  CHECK(!place.shown("10.1.0.9").contains("broadcast"));
}

TEST_CASE("an IPv6 address without duplicate detection is usable at once") {
  Place place;
  netlink::NewAddress change = place.address("fd00::2/64");
  change.detect_duplicates = false;
  make(place.socket, change);
  const Json address = place.shown("fd00::2");
  CHECK(address["prefixlen"] == 64);
  CHECK(address.value("nodad", false));
  CHECK(!address.contains("tentative"));
}

TEST_CASE("an IPv6 address with duplicate detection is tentative first") {
  Place place;
  place.host.run({"ip", "link", "add", "v0", "type", "veth", "peer", "name", "v1"});
  place.host.run({"ip", "link", "set", "v0", "up"});  // without carrier, detection does not end
  make(place.socket, netlink::NewAddress{net::IfName("v0"), test::index_of(place.socket, "v0"), prefix("fd00::2/64")});
  const Json links = place.host.ip("-6 address show dev v0");
  REQUIRE(!links.empty());
  CHECK(links.at(0)["addr_info"].at(0).value("tentative", false));
}

TEST_CASE("an address that already exists is an error, except with may_exist") {
  Place place;
  for (const char* text : {"10.1.0.2/24", "fd00::2/64"}) {
    netlink::NewAddress change = place.address(text);
    make(place.socket, change);
    const std::string what = "failed to add IP addr " + std::string(text) + " to \"d0\": ";
    const std::string failure = failure_of([&] { make(place.socket, change); });
    CHECK_MESSAGE(failure.starts_with(what), failure);
    CHECK_MESSAGE(failure.ends_with(": File exists"), failure);
    change.may_exist = true;
    CHECK_NOTHROW(make(place.socket, change));
  }
}

TEST_CASE("an address on a link that does not exist is an error") {
  Place place;
  netlink::NewAddress change = place.address("10.1.0.2/24");
  change.index = 4711;
  change.may_exist = true;
  CHECK(failure_of([&] { make(place.socket, change); }).ends_with("No such device"));
}

TEST_CASE("the addresses of one link are observed with their prefix lengths") {
  Place place;
  test::add_link(place.host, "d1");
  place.host.run({"ip", "address", "add", "10.7.0.1/24", "dev", "d1"});
  place.host.run({"ip", "-6", "address", "flush", "dev", "d0"});
  CHECK(netlink::observe_addresses(place.socket, place.index).empty());
  for (const char* text : {"10.1.0.2/24", "10.1.0.3/24", "10.2.0.1/16"}) make(place.socket, place.address(text));
  place.host.run({"ip", "address", "add", "10.3.0.1", "peer", "10.3.0.2/32", "dev", "d0"});
  place.host.run({"ip", "address", "add", "fd00::2/64", "nodad", "dev", "d0"});
  std::string all;
  for (const net::Prefix& one : netlink::observe_addresses(place.socket, place.index)) all += one.text() + " ";
  CHECK(all == "10.1.0.2/24 10.2.0.1/16 10.3.0.1/32 10.1.0.3/24 fd00::2/64 ");
}

TEST_CASE("the addresses of a veth's peer are observed from outside the peer's namespace") {
  Place place;
  place.host.add_netns("inside");
  place.host.run({"ip", "link", "set", "pd0", "netns", "inside"});
  place.host.run({"ip", "address", "add", "10.1.0.2/24", "dev", "pd0"}, "inside");
  make(place.socket, place.address("10.1.0.1/24"));
  const netlink::Link link = netlink::observe_links(place.socket).back();
  REQUIRE(link.name == "d0");
  REQUIRE(link.peer_netns);
  const auto addresses = netlink::observe_addresses(place.socket, link.peer, link.peer_netns);
  REQUIRE(addresses.size() == 1);
  CHECK(addresses[0].text() == "10.1.0.2/24");
}

TEST_CASE("Scopes::wider_than_link excludes addresses of scope link and host") {
  Place place;
  make(place.socket, place.address("10.1.0.2/24"));
  place.host.run({"ip", "address", "add", "169.254.7.7/16", "dev", "d0", "scope", "link"});
  place.host.run({"ip", "address", "add", "10.9.0.1/32", "dev", "d0", "scope", "host"});
  place.host.run({"ip", "address", "add", "fe80::7/64", "dev", "d0", "nodad"});
  CHECK(netlink::observe_addresses(place.socket, place.index).size() >= 4);
  const auto addresses =
      netlink::observe_addresses(place.socket, place.index, std::nullopt, netlink::Scopes::wider_than_link);
  REQUIRE(addresses.size() == 1);
  CHECK(addresses[0].text() == "10.1.0.2/24");
}

TEST_CASE("without an index the addresses of all links are observed") {
  Place place;
  test::add_link(place.host, "d1");
  make(place.socket, place.address("10.1.0.2/24"));
  place.host.run({"ip", "address", "add", "10.7.0.1/24", "dev", "d1"});
  std::string all;
  for (const net::Prefix& one : netlink::observe_addresses(place.socket, 0)) {
    if (one.address.is_v4()) all += one.text() + " ";
  }
  CHECK(all == "127.0.0.1/8 10.1.0.2/24 10.7.0.1/24 ");
}

TEST_CASE("deleting an address twice is not an error") {
  Place place;
  for (const char* text : {"10.1.0.2/24", "fd00::2/64"}) {
    make(place.socket, place.address(text));
    const netlink::DeleteAddress change{kName, place.index, prefix(text)};
    make(place.socket, change);
    CHECK(place.shown(change.address.address.text()).is_null());
    CHECK_NOTHROW(make(place.socket, change));
  }
  CHECK_NOTHROW(make(place.socket, netlink::DeleteAddress{kName, 4711, prefix("10.1.0.2/24")}));
}

TEST_CASE("deleting an address with another prefix length deletes nothing") {
  Place place;
  make(place.socket, place.address("10.1.0.2/24"));
  CHECK_NOTHROW(make(place.socket, netlink::DeleteAddress{kName, place.index, prefix("10.1.0.2/16")}));
  CHECK(place.shown("10.1.0.2")["prefixlen"] == 24);
}

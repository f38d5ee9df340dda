// SPDX-License-Identifier: Apache-2.0
#include "lib/netlink/neighbour.h"

#include <linux/netlink.h>

#include <doctest/doctest.h>

#include "tests/netns/lib/network.h"

using test::address;
using test::failure_of;
using test::Host;
using test::make;

namespace {

const net::IfName kName("d0");

std::string lladdr_of(Host& host, const std::string& dst) {
  for (const auto& entry : host.ip("neighbour show dev d0 nud permanent")) {
    if (entry.value("dst", "") == dst) return entry.value("lladdr", "");
  }
  return "";
}

}  // namespace

TEST_CASE("a neighbour is added, and replaced by the next one, in both families") {
  Host host;
  netlink::Socket socket(NETLINK_ROUTE);
  test::add_link(host, "d0");
  const std::uint32_t index = test::index_of(socket, "d0");
  for (const std::string dst : {"10.1.0.2", "fd00::2"}) {
    CHECK(lladdr_of(host, dst).empty());
    make(socket, netlink::NewNeighbour{kName, index, address(dst), *net::Mac::parse("0a:00:00:00:00:01")});
    CHECK(lladdr_of(host, dst) == "0a:00:00:00:00:01");
    make(socket, netlink::NewNeighbour{kName, index, address(dst), *net::Mac::parse("0a:00:00:00:00:02")});
    CHECK(lladdr_of(host, dst) == "0a:00:00:00:00:02");
  }
}

TEST_CASE("a neighbour on a link that does not exist is an error that names both") {
  Host host;
  netlink::Socket socket(NETLINK_ROUTE);
  const std::string failure = failure_of([&] {
    make(socket, netlink::NewNeighbour{kName, 77, address("10.1.0.2"), *net::Mac::parse("0a:00:00:00:00:01")});
  });
  CHECK(failure.starts_with("failed to add neighbour (ip neighbour replace 10.1.0.2"));
  CHECK(failure.find("No such device") != std::string::npos);
}

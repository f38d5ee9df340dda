// SPDX-License-Identifier: Apache-2.0
#include "lib/netlink/link_group.h"

#include <linux/netlink.h>

#include <doctest/doctest.h>

#include "tests/netns/lib/network.h"

TEST_CASE("deleting a group deletes its links and their peers only; deleting it twice is not an error") {
  const test::Host host;
  netlink::Socket socket(NETLINK_ROUTE);
  for (const char* name : {"one", "two", "three"}) {
    host.run({"ip", "link", "add", "name", name, "type", "veth", "peer", "name", std::string(name) + "-peer"});
  }
  const auto links = netlink::observe_links(socket);
  const std::uint32_t group = netlink::unused_group(links);
  CHECK(group != 0);
  for (const netlink::Link& link : links) {
    if (link.name != "one" && link.name != "two") continue;
    socket.exchange(netlink::request(netlink::SetGroup{net::IfName(link.name), link.index, group}));
  }
  CHECK(netlink::observe_link(socket, net::IfName("one"))->group == group);
  for (int i = 0; i < 2; ++i) {
    socket.exchange(netlink::request(netlink::DeleteGroup{group}));
    CHECK(host.ip("link show type veth").size() == 2);
  }
  CHECK(netlink::observe_link(socket, net::IfName("three-peer")));
}

TEST_CASE("setting the group of a link that is gone is not an error") {
  const test::Host host;
  netlink::Socket socket(NETLINK_ROUTE);
  socket.exchange(netlink::request(netlink::SetGroup{net::IfName("gone"), 4711, 5}));
  CHECK(netlink::text(netlink::SetGroup{net::IfName("gone"), 4711, 5}) == "ip link set dev gone group 5");
}

// SPDX-License-Identifier: Apache-2.0
#include "lib/netlink/kind/tap.h"

#include <doctest/doctest.h>

#include "tests/netns/lib/network.h"

using test::failure_of;
using test::Host;

namespace {

const net::IfName kName("t0");

bool has_tun() {
  const bool has = failure_of([] { netlink::check_tap_host(""); }).empty();
  if (!has) MESSAGE("SKIP: this host has no /dev/net/tun");
  return has;
}

}  // namespace

TEST_CASE("a TAP link is created down and persistent, with its owner, group and queues; twice is no error") {
  if (!has_tun()) return;
  const Host host;
  netlink::Socket socket(NETLINK_ROUTE);
  for (int i = 0; i < 2; ++i) {
    netlink::create_tap(kName, {true, 54321, 0}, "");
    const test::Json link = shown_link(host, "t0");
    CHECK(link["linkinfo"]["info_kind"] == "tun");
    CHECK(link["linkinfo"]["info_data"]["type"] == "tap");
    CHECK(link["linkinfo"]["info_data"]["persist"] == true);
    CHECK(!test::has_flag(link, "UP"));
    const auto found = netlink::parse_tap(netlink::observe_link(socket, kName).value());
    CHECK(found.owner == 54321);
    CHECK(found.group == 0);
    CHECK(found.multi_queue);
  }
}

TEST_CASE("a TAP link without owner, group and several queues") {
  if (!has_tun()) return;
  const Host host;
  netlink::Socket socket(NETLINK_ROUTE);
  netlink::create_tap(kName, {}, "");
  const auto found = netlink::parse_tap(netlink::observe_link(socket, kName).value());
  CHECK(!found.owner);
  CHECK(!found.group);
  CHECK(!found.multi_queue);
}

TEST_CASE("another kind of link with that name is an error") {
  if (!has_tun()) return;
  const Host host;
  test::add_link(host, "t0");
  CHECK(failure_of([] { netlink::create_tap(kName, {}, ""); }) == "failed to create tap: t0: Invalid argument");
}

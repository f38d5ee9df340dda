// SPDX-License-Identifier: Apache-2.0
// Only keys that all users can read. Writing is tested in its own namespace, tests/netns/lib.
#include "lib/sysctl/sysctl.h"

#include <system_error>

#include <doctest/doctest.h>

TEST_CASE("settings are printed as an operator would type them") {
  const net::IfName name("br.1");
  CHECK(text(sysctl::ip_forward()) == "sysctl -w net/ipv4/ip_forward=1");
  CHECK(text(sysctl::ipv6_forwarding()) == "sysctl -w net/ipv6/conf/all/forwarding=1");
  CHECK(text(sysctl::refuse_router_advertisements(name)) == "sysctl -w net/ipv6/conf/br.1/accept_ra=0");
  CHECK(text(sysctl::enable_ipv6(name)) == "sysctl -w net/ipv6/conf/br.1/disable_ipv6=0");
  CHECK(text(sysctl::keep_addresses_when_down(name)) == "sysctl -w net/ipv6/conf/br.1/keep_addr_on_down=1");
  CHECK(text(sysctl::link_local_from_mac(name)) == "sysctl -w net/ipv6/conf/br.1/addr_gen_mode=0");
  CHECK(text(sysctl::announce_by_arp(name)) == "sysctl -w net/ipv4/conf/br.1/arp_notify=1");
  CHECK(text(sysctl::announce_by_ndisc(name)) == "sysctl -w net/ipv6/conf/br.1/ndisc_notify=1");
  CHECK(text(sysctl::route_localnet(name)) == "sysctl -w net/ipv4/conf/br.1/route_localnet=1");
  CHECK(text(sysctl::no_route_localnet(name)) == "sysctl -w net/ipv4/conf/br.1/route_localnet=0");
  CHECK(text(sysctl::duplicate_detection(name, true)) == "sysctl -w net/ipv6/conf/br.1/accept_dad=1");
  CHECK(text(sysctl::duplicate_detection(name, false)) == "sysctl -w net/ipv6/conf/br.1/accept_dad=0");
  CHECK(text(sysctl::enhanced_duplicate_detection(name)) == "sysctl -w net/ipv6/conf/br.1/enhanced_dad=1");
}

TEST_CASE("settings that ADD needs are required, others are not") {
  const net::IfName name("eth0");
  for (const auto& setting : {sysctl::ip_forward(), sysctl::ipv6_forwarding(), sysctl::enable_ipv6(name),
                              sysctl::keep_addresses_when_down(name), sysctl::route_localnet(name)}) {
    CHECK_MESSAGE(setting.required, setting.key);
  }
  for (const auto& setting : {sysctl::refuse_router_advertisements(name), sysctl::announce_by_arp(name),
                              sysctl::duplicate_detection(name, true), sysctl::enhanced_duplicate_detection(name)}) {
    CHECK_MESSAGE(!setting.required, setting.key);
  }
}

TEST_CASE("a value is read without its newline, and an absent key has no value") {
  CHECK(sysctl::read("kernel/ostype") == "Linux");
  CHECK(!sysctl::read("net/ipv4/conf/no-such-link/arp_notify"));
  CHECK(!sysctl::read("no/such/key"));
}

TEST_CASE("a key that cannot be written is an error only if it is required") {
  CHECK_NOTHROW(sysctl::apply({"no/such/key", "1", false}));
  CHECK_THROWS_WITH_AS(sysctl::apply({"no/such/key", "1", true}),
                       "sysctl no.such.key does not exist: cannot write \"1\": No such file or directory",
                       std::system_error);
}

TEST_CASE("undoing a setting of a deleted interface is no error") {
  CHECK_NOTHROW(sysctl::apply(sysctl::no_route_localnet(net::IfName("gone"))));
}

TEST_CASE("an existing value is not written again") {
  CHECK_NOTHROW(sysctl::apply({"kernel/ostype", "Linux"}));  // read-only
  CHECK_THROWS_AS(sysctl::apply({"kernel/ostype", "Minix"}), std::system_error);
}

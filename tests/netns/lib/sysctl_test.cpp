// SPDX-License-Identifier: Apache-2.0
#include "lib/sysctl/sysctl.h"

#include <sys/resource.h>

#include <doctest/doctest.h>

#include "lib/netns/netns.h"
#include "tests/netns/lib/network.h"

using test::failure_of;
using test::Host;

TEST_CASE("a setting is applied twice without an error") {
  const Host host;
  CHECK(sysctl::read("net/ipv4/ip_forward") == "0");
  for (int i = 0; i < 2; ++i) {
    sysctl::apply(sysctl::ip_forward());
    CHECK(host.run({"cat", "/proc/sys/net/ipv4/ip_forward"}) == "1\n");
  }
}

TEST_CASE("a setting applies to the thread's network namespace") {
  Host host;
  const auto netns = netns::Netns::open(host.add_netns("x"));
  {
    const netns::Entered entered(*netns);
    sysctl::apply(sysctl::ip_forward());
  }
  CHECK(sysctl::read("net/ipv4/ip_forward") == "0");
  const netns::Entered entered(*netns);
  CHECK(sysctl::read("net/ipv4/ip_forward") == "1");
}

TEST_CASE("a write-only key is written and has no value") {
  const Host host;
  CHECK_NOTHROW(sysctl::apply({"net/ipv4/route/flush", "1"}));
  const sysctl::Seen seen = sysctl::observe("net/ipv4/route/flush");
  CHECK(seen.is_write_only);
  CHECK(!seen.value);
}

TEST_CASE("a readable key and a missing key are not write-only") {
  const Host host;
  CHECK(sysctl::observe("net/ipv4/ip_forward").value == "0");
  CHECK(!sysctl::observe("net/ipv4/ip_forward").is_write_only);
  CHECK(!sysctl::observe("net/ipv4/no_such_key").value);
  CHECK(!sysctl::observe("net/ipv4/no_such_key").is_write_only);
}

TEST_CASE("a key without an initial value is observed, written and read") {
  const Host host;
  const std::string key = "net/ipv6/conf/lo/stable_secret";  // reading it fails with EIO until it is written
  CHECK(!sysctl::observe(key).value);
  CHECK(!sysctl::observe(key).is_write_only);
  sysctl::apply({key, "2001:db8::1"});
  CHECK(sysctl::observe(key).value == "2001:0db8:0000:0000:0000:0000:0000:0001");
}

TEST_CASE("an empty value clears a list and is an error for a number") {
  const Host host;
  sysctl::apply({"net/ipv4/ip_local_reserved_ports", "8080"});
  sysctl::apply({"net/ipv4/ip_local_reserved_ports", ""});
  CHECK(sysctl::read("net/ipv4/ip_local_reserved_ports") == "");
  CHECK(failure_of([] {
          sysctl::apply({"net/ipv4/ip_forward", ""});
        }) == "sysctl net.ipv4.ip_forward: cannot write \"\", it is \"0\": Invalid argument");
}

TEST_CASE("the settings of an interface with a dot in its name are written") {
  const Host host;
  test::add_link(host, "br.1");
  const net::IfName name("br.1");
  for (const auto& setting :
       {sysctl::refuse_router_advertisements(name), sysctl::enable_ipv6(name), sysctl::keep_addresses_when_down(name),
        sysctl::announce_by_arp(name), sysctl::route_localnet(name), sysctl::duplicate_detection(name, false),
        sysctl::enhanced_duplicate_detection(name)}) {
    REQUIRE_MESSAGE(sysctl::read(setting.key), setting.key);
    sysctl::apply(setting);
    CHECK_MESSAGE(sysctl::read(setting.key) == setting.value, setting.key);
  }
}

TEST_CASE("for a missing interface, only a required setting is an error") {
  const Host host;
  const net::IfName name("gone");
  CHECK(!sysctl::read(sysctl::route_localnet(name).key));
  CHECK(failure_of([&] { sysctl::apply(sysctl::route_localnet(name)); }) ==
        "sysctl net.ipv4.conf.gone.route_localnet does not exist: cannot write \"1\": No such file or directory");
  CHECK_NOTHROW(sysctl::apply(sysctl::announce_by_arp(name)));
}

TEST_CASE("the error for a rejected value names the key; it is ignored if the setting is not required") {
  const Host host;
  CHECK(failure_of([] {
          sysctl::apply({"net/ipv4/ip_forward", "maybe"});
        }) == "sysctl net.ipv4.ip_forward: cannot write \"maybe\", it is \"0\": Invalid argument");
  CHECK_NOTHROW(sysctl::apply({"net/ipv4/ip_forward", "maybe", false}));
}

TEST_CASE("without free descriptors, even a setting that is not required fails") {
  const Host host;
  test::add_link(host, "d0");
  const sysctl::Setting setting = sysctl::refuse_router_advertisements(net::IfName("d0"));
  REQUIRE(!setting.required);
  rlimit before{};
  REQUIRE(::getrlimit(RLIMIT_NOFILE, &before) == 0);
  const rlimit none{0, before.rlim_max};
  REQUIRE(::setrlimit(RLIMIT_NOFILE, &none) == 0);
  const std::string failure = failure_of([&] { sysctl::apply(setting); });
  REQUIRE(::setrlimit(RLIMIT_NOFILE, &before) == 0);
  CHECK(failure.find("Too many open files") != std::string::npos);
  CHECK(sysctl::read(setting.key) != setting.value);
}

TEST_CASE("an unchanged value is not written") {
  const Host host;
  // Each write to all/forwarding sets the key of every interface, even if the value stays the same.
  test::add_link(host, "d0");
  sysctl::apply(sysctl::ipv6_forwarding());
  sysctl::apply({"net/ipv6/conf/d0/forwarding", "0"});
  sysctl::apply(sysctl::ipv6_forwarding());
  CHECK(sysctl::read("net/ipv6/conf/d0/forwarding") == "0");
}

TEST_CASE("with a read-only /proc/sys, a setting that needs a change is an error; others are not") {
  const Host host;
  sysctl::apply(sysctl::ip_forward());
  host.run({"mount", "--bind", "/proc/sys", "/proc/sys"});
  host.run({"mount", "-o", "remount,bind,ro", "/proc/sys"});
  CHECK_NOTHROW(sysctl::apply(sysctl::ip_forward()));
  CHECK(failure_of([] {
          sysctl::apply({"net/ipv4/ip_forward", "0", true});
        }).find("Read-only file system") != std::string::npos);
  host.run({"umount", "/proc/sys"});
}

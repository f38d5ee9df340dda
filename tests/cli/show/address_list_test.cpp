// SPDX-License-Identifier: Apache-2.0
#include "cli/show/address_list.h"

#include <doctest/doctest.h>

using cli::AddressState;
using Kind = ipam::Entry::Kind;

namespace {

const cli::Now kNow{1000000000, "boot-2"};

net::Address address(const char* text) { return *net::Address::parse(text); }

ipam::Entry entry(const char* its_address, const ipam::Owner& owner, std::time_t since = 0,
                  const std::string& boot = "boot-2") {
  return {address(its_address), Kind::allocation, owner, since, boot};
}

cli::UsedAddresses used() { return {{address("10.1.0.2"), address("fd00::2")}, {}, {{"n", "red", "eth0"}}, {}}; }

AddressState state(const ipam::Entry& entry, const cli::UsedAddresses& used = ::used()) {
  return cli::state_of(entry, "n", used, kNow);
}

}  // namespace

TEST_CASE("an address is in use if an interface has it, or if the container's host end exists") {
  CHECK(state(entry("10.1.0.2", {"blue", "eth0"})) == AddressState::in_use);
  CHECK(state(entry("fd00::2", {"blue", "eth0"})) == AddressState::in_use);
  CHECK(state(entry("10.1.0.3", {"red", "eth0"})) == AddressState::in_use);
  CHECK(state(entry("10.1.0.3", {"red", ""})) == AddressState::in_use);
  CHECK(state(entry("10.1.0.3", {"red", "eth1"})) == AddressState::no_interface);
  CHECK(state(entry("10.1.0.3", {"blue", "eth0"})) == AddressState::no_interface);
  CHECK(cli::state_of(entry("10.1.0.3", {"red", "eth0"}), "m", used(), kNow) == AddressState::no_interface);
}

TEST_CASE("an address from an earlier boot is dead, unless an interface has it") {
  CHECK(state(entry("10.1.0.3", {"blue", "eth0"}, kNow.time, "boot-1")) == AddressState::earlier_boot);
  CHECK(state(entry("10.1.0.2", {"blue", "eth0"}, kNow.time, "boot-1")) == AddressState::in_use);
  CHECK(state(entry("10.1.0.2", {"blue", "eth0"}, 0, "")) == AddressState::in_use);
}

TEST_CASE("an address may have no interface in the first minute after its allocation") {
  CHECK(state(entry("10.1.0.3", {"blue", "eth0"}, kNow.time - 59)) == AddressState::young);
  CHECK(state(entry("10.1.0.3", {"blue", "eth0"}, kNow.time - 60)) == AddressState::no_interface);
  CHECK(state(entry("10.1.0.3", {"blue", "eth0"}, kNow.time + 1000)) == AddressState::young);
}

TEST_CASE("if a namespace cannot be read, addresses without an interface are unknown") {
  cli::UsedAddresses incomplete = used();
  incomplete.unseen.emplace_back("/proc/7/ns/net: Permission denied");
  CHECK(state(entry("10.1.0.3", {"blue", "eth0"}), incomplete) == AddressState::unknown);
  CHECK(state(entry("10.1.0.2", {"blue", "eth0"}), incomplete) == AddressState::in_use);
}

TEST_CASE("an address is dead only if it certainly has no owner") {
  for (const AddressState dead : {AddressState::earlier_boot, AddressState::no_interface, AddressState::empty}) {
    CHECK(cli::is_dead(dead));
  }
  for (const AddressState other :
       {AddressState::in_use, AddressState::young, AddressState::unknown, AddressState::foreign}) {
    CHECK_FALSE(cli::is_dead(other));
  }
}

TEST_CASE("the table is aligned, and shows - for unknown values") {
  const cli::AddressList list{"n",
                              "/var/lib/cni/networks/n",
                              {{entry("10.1.0.2", {"red", "eth0"}), AddressState::in_use},
                               {{address("10.1.0.13"), Kind::empty, {}, kNow.time, ""}, AddressState::empty}},
                              true};
  CHECK(cli::table(list) == R"(network n, /var/lib/cni/networks/n
  ADDRESS    CONTAINER  INTERFACE  SINCE                 STATE
  10.1.0.2   red        eth0       1970-01-01T00:00:00Z  in use
  10.1.0.13  -          -          2001-09-09T01:46:40Z  an empty file
)");
  CHECK(cli::table({"n", "/d/n", {}, true}) == "network n, /d/n\n  no address is allocated\n");
  CHECK(cli::table({"n", "/d/n", {}, false}) == "network n, /d/n\n  no such directory: no address is allocated\n");
  CHECK(cli::table({"n", "/d/n", {}, true, {"10.1.0.1-10.1.0.6"}}) ==
        "network n, /d/n\n  range set 10.1.0.1-10.1.0.6 is exhausted: the next ADD fails\n  no address is allocated\n");
}

TEST_CASE("JSON has the same values") {
  const cli::AddressList list{
      "n", "/d/n", {{entry("10.1.0.2", {"red", "eth0"}), AddressState::no_interface}}, true, {"10.1.0.2-10.1.0.2"}};
  CHECK(cli::json(list) == R"({
  "network": "n",
  "directory": "/d/n",
  "exhausted": [
    "10.1.0.2-10.1.0.2"
  ],
  "addresses": [
    {
      "address": "10.1.0.2",
      "containerID": "red",
      "ifname": "eth0",
      "since": "1970-01-01T00:00:00Z",
      "state": "no interface has it"
    }
  ]
}
)");
}

TEST_CASE("the mount points of network namespaces are found in mountinfo") {
  CHECK(cli::parse_mountinfo(R"(22 28 0:20 / /sys rw,nosuid shared:7 - sysfs sysfs rw
300 25 0:4 net:[4026532281] /run/netns/red rw shared:150 - nsfs nsfs rw
301 25 0:4 mnt:[4026532282] /run/mnt rw - nsfs nsfs rw
302 25 0:4 net:[4026532283] /run/my\040netns/a\134b rw - nsfs nsfs rw
)") == std::vector<std::string>{"/run/netns/red", "/run/my netns/a\\b"});
  CHECK(cli::parse_mountinfo("").empty());
}

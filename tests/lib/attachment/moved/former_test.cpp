// SPDX-License-Identifier: Apache-2.0
#include "lib/attachment/moved/former.h"

#include <doctest/doctest.h>

#include "lib/attachment/moved/moved.h"

using attachment::former_of;

namespace {

const net::Owner kOwner{"net-one", "pod-one", "eth0"};

netlink::Link device(std::vector<std::string> alt_names, const std::string& alias = {}) {
  netlink::Link link;
  link.name = "eth0";
  link.alias = alias;
  link.alt_names = std::move(alt_names);
  return link;
}

}  // namespace

TEST_CASE("the marks of a device are read back") {
  netlink::Link link;
  link.name = "a.b,c=d%d";  // the kernel allows it
  link.mtu = 9000;
  link.mac = net::Mac{{0x02, 0, 0, 0, 0, 1}};
  link.is_up = true;
  const std::string state = attachment::state_mark(kOwner, link);
  CHECK(state == "was:a.b,c=d%d:9000:02-00-00-00-00-01:up:" + kOwner.host_end().text());
  const auto former = former_of(device({attachment::owner_mark(kOwner), state}), "ens6");
  CHECK(former.name == link.name);
  CHECK(former.mtu == 9000);
  CHECK(former.mac == link.mac);
  CHECK(former.is_up);
}

TEST_CASE("a device without an Ethernet address that was down") {
  netlink::Link link;
  link.name = "ib0";
  link.mtu = 2044;
  const auto former = former_of(device({attachment::state_mark(kOwner, link)}), "");
  CHECK(former.name == "ib0");
  CHECK(!former.mac);
  CHECK(!former.is_up);
}

TEST_CASE("the owner's mark fits into an alternative name and has no slash") {
  const net::Owner longest{std::string(100, 'n'), std::string(64, 'c'), "eth0"};
  const net::Owner no_room{"footbridge", std::string(110, 'c'), "eth0"};  // for the prefix
  for (const net::Owner& owner : {kOwner, longest, no_room}) {
    const std::string mark = attachment::owner_mark(owner);
    CHECK(mark.size() <= 127);
    CHECK(mark.find('/') == std::string::npos);
    CHECK(attachment::is_mark(mark));
    CHECK(attachment::find_owner(device({"enp0s5", mark})) == owner.comment());
  }
  CHECK(attachment::owner_mark(kOwner) == "footbridge:net-one:pod-one:eth0");
}

TEST_CASE("without a state mark, the name is that of the configuration, the reference's alias, or the present one") {
  CHECK(former_of(device({}, "ens5"), "").name == "ens5");
  CHECK(former_of(device({}, "ens5"), "").mtu == 0);
  CHECK(former_of(device({}, "ens5"), "ens6").name == "ens6");
  CHECK(former_of(device({"enp0s6"}, "ens5"), "enp0s6").name == "ens5");
  CHECK(former_of(device({"enp0s6"}, "ens5"), "not a name").name == "ens5");
  for (const char* alias : {"", "net-one/pod-one/eth0", "uplink to rack 7"}) {
    CHECK(former_of(device({}, alias), "").name == "eth0");
    CHECK(!attachment::is_reference_alias(alias));
  }
  CHECK(former_of(device({attachment::owner_mark(kOwner)}, "ens5"), "").name == "eth0");  // the container may write it
}

TEST_CASE("other alternative names are no marks") {
  for (const char* name :
       {"enp0s5", "was:", "was:a/b:1500::up:x", "was:ens5", "a:b", "rack1:sw2:p3", "footbridge:a:b"}) {
    CHECK(!attachment::is_mark(name));
    CHECK(former_of(device({name}), "").name == "eth0");
    CHECK(!attachment::find_owner(device({name})));
  }
}

TEST_CASE("a device has its name, its alternative names, and its former name if it has an owner") {
  netlink::Link link;
  link.name = "ens5";
  const std::string state = attachment::state_mark(kOwner, link);
  const netlink::Link stranded = device({attachment::owner_mark(kOwner), state, "enp0s5"});
  for (const char* name : {"ens5", "eth0", "enp0s5"}) CHECK(attachment::is_named(stranded, name));
  CHECK(!attachment::is_named(stranded, "ens6"));
  CHECK(!attachment::is_named(device({state}), "ens5"));
}

TEST_CASE("of several links with one MAC address, the only one that is hardware is chosen") {
  netlink::Link port;
  port.name = "ens5";
  netlink::Link vlan;
  vlan.name = "ens5.7";
  vlan.kind = "vlan";
  CHECK(attachment::only_hardware({vlan, port}).name == "ens5");
  for (const auto& links : {std::vector{port, port}, std::vector{vlan, vlan}}) {
    const std::string names = links[0].name + ", " + links[1].name;
    const std::string expected = "failed to find host device: several links have that MAC address: " + names;
    CHECK_THROWS_WITH_AS(attachment::only_hardware(links), expected.c_str(), cni::Error);
  }
}

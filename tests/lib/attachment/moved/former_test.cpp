// SPDX-License-Identifier: Apache-2.0
#include "lib/attachment/moved/former.h"

#include <doctest/doctest.h>

using attachment::parse_former;

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
  const auto former = parse_former(device({attachment::owner_mark(kOwner), state}));
  REQUIRE(former);
  CHECK(former->name == link.name);
  CHECK(former->mtu == 9000);
  CHECK(former->mac == link.mac);
  CHECK(former->is_up);
}

TEST_CASE("a device without an Ethernet address that was down") {
  netlink::Link link;
  link.name = "ib0";
  link.mtu = 2044;
  const auto former = parse_former(device({attachment::state_mark(kOwner, link)}));
  REQUIRE(former);
  CHECK(former->name == "ib0");
  CHECK(!former->mac);
  CHECK(!former->is_up);
}

TEST_CASE("the owner's mark fits into an alternative name and has no slash") {
  const net::Owner longest{std::string(100, 'n'), std::string(64, 'c'), "eth0"};
  for (const net::Owner& owner : {kOwner, longest}) {
    const std::string mark = attachment::owner_mark(owner);
    CHECK(mark.size() <= 127);
    CHECK(mark.find('/') == std::string::npos);
    CHECK(attachment::is_mark(mark));
    CHECK(attachment::find_owner(device({"enp0s5", mark})) == owner.comment());
  }
  CHECK(attachment::owner_mark(kOwner) == "net-one:pod-one:eth0");
}

TEST_CASE("the reference's mark is the alias; other aliases and alternative names are no marks") {
  const auto former = parse_former(device({}, "ens5"));
  REQUIRE(former);
  CHECK(former->name == "ens5");
  CHECK(former->mtu == 0);
  for (const char* alias : {"", "net-one/pod-one/eth0", "uplink to rack 7"}) CHECK(!parse_former(device({}, alias)));
  for (const char* name : {"enp0s5", "was:", "was:a/b:1500::up:x", "was:ens5", "a:b"}) {
    CHECK(!attachment::is_mark(name));
    CHECK(!parse_former(device({name})));
    CHECK(!attachment::find_owner(device({name})));
  }
}

TEST_CASE("a device is stranded if it has an owner and had that name") {
  netlink::Link link;
  link.name = "ens5";
  const std::string state = attachment::state_mark(kOwner, link);
  CHECK(attachment::is_stranded(device({attachment::owner_mark(kOwner), state}), "ens5"));
  CHECK(!attachment::is_stranded(device({attachment::owner_mark(kOwner), state}), "ens6"));
  CHECK(!attachment::is_stranded(device({state}), "ens5"));
}

// SPDX-License-Identifier: Apache-2.0
// The text of each operation is the equivalent ip(8) command.
#include <doctest/doctest.h>

#include "lib/netlink/address.h"
#include "lib/netlink/bridge_port.h"
#include "lib/netlink/bridge_vlan.h"
#include "lib/netlink/link.h"
#include "lib/netlink/neighbour.h"
#include "lib/netlink/route.h"

using netlink::text;

namespace {

const net::IfName kName("eth0");
const net::Mac kMac{{0x0a, 0x58, 0x0a, 0x01, 0x00, 0x02}};

net::Prefix prefix(const std::string& words) { return net::Prefix::parse(words).value(); }
net::Address address(const std::string& words) { return net::Address::parse(words).value(); }

}  // namespace

TEST_CASE("a link's text has only the fields that are set") {
  CHECK(text(netlink::SetLink{kName, true}) == "ip link set dev eth0 up");
  CHECK(text(netlink::SetLink{kName, false}) == "ip link set dev eth0 down");
  CHECK(text(netlink::SetLink{kName, {}, true}) == "ip link set dev eth0 promisc on");
  CHECK(text(netlink::SetLink{kName, {}, false}) == "ip link set dev eth0 promisc off");
  CHECK(text(netlink::SetLink{kName, {}, {}, {}, {}, 1400, true, 500}) ==
        "ip link set dev eth0 mtu 1400 txqueuelen 500 allmulticast on");
  CHECK(text(netlink::SetLink{kName, true, {}, kMac, "n/c1/eth0"}) ==
        "ip link set dev eth0 address 0a:58:0a:01:00:02 alias n/c1/eth0 up");
}

TEST_CASE("links are deleted by name") { CHECK(text(netlink::DeleteLink{kName}) == "ip link delete dev eth0"); }

TEST_CASE("a bridge's text enables or disables VLAN filtering or adds a port") {
  CHECK(text(netlink::SetVlanFiltering{net::IfName("cni0"), true}) ==
        "ip link set dev cni0 type bridge vlan_filtering 1");
  CHECK(text(netlink::SetVlanFiltering{net::IfName("cni0"), false}) ==
        "ip link set dev cni0 type bridge vlan_filtering 0");
  CHECK(text(netlink::SetMaster{kName, 7, "cni0"}) == "ip link set dev eth0 master cni0");
}

TEST_CASE("a port's options are one line") {
  CHECK(text(netlink::SetPort{kName, "n/c1/eth0", true, false}) ==
        "ip link set dev eth0 alias n/c1/eth0 type bridge_slave hairpin on isolated off");
  CHECK(text(netlink::SetPort{kName, "", false, false, true}).ends_with(" isolated off group_fwd_mask 0x4000"));
  CHECK(text(netlink::SetPort{kName, "", false, true}) ==
        "ip link set dev eth0 type bridge_slave hairpin off isolated on");
}

TEST_CASE("addresses keep their host bits, and only IPv6 has nodad") {
  CHECK(text(netlink::NewAddress{kName, 3, prefix("10.1.0.2/24")}) == "ip address add 10.1.0.2/24 dev eth0");
  CHECK(text(netlink::NewAddress{kName, 3, prefix("10.1.0.2/24"), false}) == "ip address add 10.1.0.2/24 dev eth0");
  CHECK(text(netlink::NewAddress{kName, 3, prefix("fd00::2/64")}) == "ip address add fd00::2/64 dev eth0");
  CHECK(text(netlink::NewAddress{kName, 3, prefix("fd00::2/64"), false}) == "ip address add fd00::2/64 dev eth0 nodad");
  CHECK(text(netlink::DeleteAddress{kName, 3, prefix("10.1.0.2/24")}) == "ip address delete 10.1.0.2/24 dev eth0");
}

TEST_CASE("a neighbour is permanent, in both families") {
  CHECK(text(netlink::NewNeighbour{kName, 3, address("10.1.0.2"), kMac}) ==
        "ip neighbour replace 10.1.0.2 lladdr 0a:58:0a:01:00:02 dev eth0 nud permanent");
  CHECK(text(netlink::NewNeighbour{kName, 3, address("fd00::2"), kMac}) ==
        "ip neighbour replace fd00::2 lladdr 0a:58:0a:01:00:02 dev eth0 nud permanent");
}

TEST_CASE("a route's text has the fields that are set, and its destination without host bits") {
  CHECK(text(netlink::NewRoute{kName, 3, prefix("0.0.0.0/0")}) == "ip route prepend default dev eth0");
  CHECK(text(netlink::NewRoute{kName, 3, prefix("10.9.7.5/16"), address("10.1.0.1")}) ==
        "ip route prepend 10.9.0.0/16 via 10.1.0.1 dev eth0");
  CHECK(text(netlink::NewRoute{kName, 3, prefix("::/0"), address("fd00::1")}) ==
        "ip -6 route prepend default via fd00::1 dev eth0");
  CHECK(text(netlink::NewRoute{kName, 3, prefix("10.9.0.0/16"), address("10.1.0.1"), 100, 50, 253, 1400, 1300}) ==
        "ip route prepend 10.9.0.0/16 via 10.1.0.1 dev eth0 table 100 metric 50 scope 253 mtu 1400 advmss 1300");
}

TEST_CASE("errors begin with the reference's words, which tools match") {
  CHECK(netlink::request(netlink::NewAddress{kName, 3, prefix("10.1.0.2/24")}).what ==
        "failed to add IP addr 10.1.0.2/24 to \"eth0\"");
  CHECK(netlink::request(netlink::NewRoute{kName, 3, prefix("0.0.0.0/0")}).what ==
        "failed to add route (ip route prepend default dev eth0)");
  netlink::NewRoute explained{kName, 3, prefix("0.0.0.0/0")};
  explained.explanation = "ipam: gateway 10.9.0.1 is outside subnet 10.1.0.0/24";
  CHECK(
      netlink::request(explained).what ==
      "failed to add route (ip route prepend default dev eth0): ipam: gateway 10.9.0.1 is outside subnet 10.1.0.0/24");
}

TEST_CASE("a random MAC address is local, unicast and different each time") {
  const net::Mac first = netlink::random_mac();
  CHECK(first.is_unicast());
  CHECK((first.bytes[0] & 2U) != 0);
  CHECK(first != netlink::random_mac());
}

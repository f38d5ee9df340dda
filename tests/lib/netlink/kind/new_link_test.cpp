// SPDX-License-Identifier: Apache-2.0
// The text of each kind of link is an ip(8) command.
#include "lib/netlink/kind/new_link.h"

#include <linux/if_link.h>
#include <linux/rtnetlink.h>

#include <doctest/doctest.h>

#include "lib/netlink/attributes.h"

using netlink::NewLink;

namespace {

const net::IfName kName("eth0");
const net::Mac kMac{{0x0a, 0x58, 0x0a, 0x01, 0x00, 0x02}};

NewLink pair(const netlink::Veth& veth, const std::string& master = {}) {
  NewLink link{net::IfName("vethx"), veth};
  link.is_up = true;
  if (!master.empty()) link.master = {7, master};
  return link;
}

}  // namespace

TEST_CASE("a bridge is created with its MAC address and MTU") {
  NewLink bridge{net::IfName("cni0"), netlink::Bridge{}};
  bridge.mac = kMac;
  CHECK(text(bridge) == "ip link add cni0 address 0a:58:0a:01:00:02 type bridge");
  CHECK(request(bridge).what == "could not add \"cni0\"");
  bridge.mtu = 1400;
  CHECK(text(bridge) == "ip link add cni0 address 0a:58:0a:01:00:02 mtu 1400 type bridge");
  bridge.kind = netlink::Bridge{true};
  CHECK(text(bridge) == "ip link add cni0 address 0a:58:0a:01:00:02 mtu 1400 type bridge vlan_filtering 1");
}

TEST_CASE("a veth pair is created in one line, the peer in its namespace") {
  CHECK(text(pair({kName, 5, "/run/netns/x"})) ==
        "ip link add vethx up txqueuelen 0 type veth peer name eth0 txqueuelen 0 netns /run/netns/x");
  CHECK(text(pair({kName}, "cni0")) ==
        "ip link add vethx up txqueuelen 0 master cni0 type veth peer name eth0 txqueuelen 0");
  NewLink link = pair({kName, 5, "/run/netns/x", kMac}, "cni0");
  link.mtu = 1400;
  CHECK(text(link) ==
        "ip link add vethx up mtu 1400 txqueuelen 0 master cni0 type veth peer name eth0 mtu 1400 txqueuelen 0 address "
        "0a:58:0a:01:00:02 netns /run/netns/x");
  CHECK(request(link).what == "failed to make veth pair: create vethx with peer eth0 in /run/netns/x");
}

TEST_CASE("both ends of a veth pair have the queue counts") {
  NewLink link = pair({kName});
  link.tx_queues = 1;
  link.rx_queues = 2;
  CHECK(text(link) ==
        "ip link add vethx up numtxqueues 1 numrxqueues 2 txqueuelen 0 type veth peer name eth0 numtxqueues 1 "
        "numrxqueues "
        "2 txqueuelen 0");
}

TEST_CASE("a dummy is created in a namespace, without a parent") {
  NewLink link{kName, netlink::Dummy{}};
  link.netns = {5, "/run/netns/x"};
  CHECK(text(link) == "ip link add eth0 netns /run/netns/x type dummy");
  CHECK(request(link).what == "failed to create dummy");
}

TEST_CASE("a link with a parent names it") {
  NewLink link{kName, netlink::Dummy{}};
  link.parent = {3, "uplink"};
  CHECK(text(link) == "ip link add eth0 link uplink type dummy");
}

TEST_CASE("the message contains what the text says") {
  NewLink link{kName, netlink::Dummy{}, {3, "uplink"}, {4, "cni0"}, {5, "/run/netns/x"}, 1400, kMac, 1, 2};
  const netlink::Request sent = request(link);
  const netlink::Attributes attributes(sent.message.message(), sizeof(ifinfomsg));
  CHECK(attributes.text(IFLA_IFNAME) == "eth0");
  CHECK(attributes.u32(IFLA_LINK) == 3);
  CHECK(attributes.u32(IFLA_MASTER) == 4);
  CHECK(attributes.u32(IFLA_NET_NS_FD) == 5);
  CHECK(attributes.u32(IFLA_MTU) == 1400);
  CHECK(attributes.u32(IFLA_NUM_TX_QUEUES) == 1);
  CHECK(attributes.u32(IFLA_NUM_RX_QUEUES) == 2);
  CHECK(net::Mac::from_bytes(attributes.bytes(IFLA_ADDRESS)) == kMac);
  CHECK(attributes.nest(IFLA_LINKINFO)->text(IFLA_INFO_KIND) == "dummy");
  const netlink::Request bare = request(NewLink{kName, netlink::Dummy{}});
  const netlink::Attributes few(bare.message.message(), sizeof(ifinfomsg));
  for (const std::uint16_t absent :
       {IFLA_LINK, IFLA_MASTER, IFLA_NET_NS_FD, IFLA_MTU, IFLA_NUM_TX_QUEUES, IFLA_NUM_RX_QUEUES}) {
    CHECK_MESSAGE(!few.has(absent), absent);
  }
}

TEST_CASE("a MAC address of its own is in the creating message, or udev would choose another") {
  const auto mac_in = [](const NewLink& link) {
    const netlink::Request sent = request(link);
    return net::Mac::from_bytes(netlink::Attributes(sent.message.message(), sizeof(ifinfomsg)).bytes(IFLA_ADDRESS));
  };
  const net::Mac dummy = mac_in({kName, netlink::Dummy{}});
  CHECK(dummy.is_unicast());
  CHECK(dummy != mac_in({kName, netlink::Dummy{}}));
  CHECK(mac_in(pair({kName})).is_unicast());
  const netlink::Request bridge = request(NewLink{kName, netlink::Bridge{}});
  CHECK(!netlink::Attributes(bridge.message.message(), sizeof(ifinfomsg)).has(IFLA_ADDRESS));
}

TEST_CASE("a bridge's attributes are parsed; other kinds have the defaults") {
  netlink::Message message(RTM_NEWLINK, 0);
  message.put_u8(IFLA_BR_VLAN_FILTERING, 1);
  message.put_u16(IFLA_BR_VLAN_DEFAULT_PVID, 7);
  netlink::Link link;
  link.kind = "bridge";
  link.data = std::string(message.bytes().begin() + MNL_NLMSG_HDRLEN, message.bytes().end());
  CHECK(netlink::parse_bridge(link).filters_vlans);
  CHECK(netlink::parse_bridge(link).default_vlan == 7);
  link.kind = "dummy";
  CHECK(!netlink::parse_bridge(link).filters_vlans);
  link.kind = "bridge";
  link.data.clear();
  CHECK(netlink::parse_bridge(link).default_vlan == 0);
}

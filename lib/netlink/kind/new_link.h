// SPDX-License-Identifier: Apache-2.0
// Creating a link of any kind (ip-link(8), "ip link add"; RTM_NEWLINK, linux/if_link.h).
//
// A kind is a file pair beside this one: a struct with the kind's own attributes, its name in the kernel (kName), whether its
// MAC address is its own rather than another link's (kHasOwnMac), and four functions for it:
//   put_data      writes IFLA_INFO_DATA
//   text          the words of ip(8) behind "type"
//   failure       what an error message begins with
//   parse_KIND    reads the attributes back from a link that the kernel reported, for kinds that CHECK compares
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include "lib/net/ifname.h"
#include "lib/net/mac.h"
#include "lib/netlink/kind/bridge.h"
#include "lib/netlink/kind/dummy.h"
#include "lib/netlink/kind/veth.h"
#include "lib/netlink/socket.h"

namespace netlink {

using Kind = std::variant<Veth, Bridge, Dummy>;

// Another link that the request refers to.
struct LinkRef {
  std::uint32_t index = 0;  // 0: none
  std::string name = {};    // for the text
};

// A network namespace that the request refers to.
struct NetnsRef {
  int fd = -1;            // -1: the socket's own namespace
  std::string path = {};  // for the text
};

// The kernel takes no alias here: a SetLink for it follows.
struct NewLink {
  net::IfName name;
  Kind kind;
  LinkRef parent = {};    // IFLA_LINK, in the socket's namespace: the link that a macvlan, ipvlan or vlan is on
  LinkRef master = {};    // IFLA_MASTER: the bridge or VRF whose port it is from the beginning
  NetnsRef netns = {};    // where the link is created
  std::uint32_t mtu = 0;  // bytes; 0: the kernel's default. Of both ends of a veth pair
  std::optional<net::Mac> mac = {};  // none: a random one for a kind that has its own
  std::uint32_t tx_queues = 0;       // 0: the driver's default, for veth one for each possible processor. Of both ends
  std::uint32_t rx_queues = 0;       // likewise
  bool is_up = false;                // brought up at once
  bool may_exist = false;            // a link that has the name already is success
};
Request request(const NewLink& link);
std::string text(const NewLink& link);

// Does the kernel have that kind, its module loaded if need be? Nothing is created: the request has a queue count that no
// kernel accepts (rtnl_create_link() in net/core/rtnetlink.c), and fails for the kind before it fails for that.
bool is_supported(Socket& socket, const Kind& kind);

// The MAC address of a link that has its own, always in the message that creates it: one that the kernel chooses
// (addr_assign_type 1) is replaced by udev's MACAddressPolicy=persistent (systemd.link(5)), and ADD's result becomes untrue.
void put_mac(Message& message, const std::optional<net::Mac>& mac);

// MTU, queue counts and transmit queue length, which both ends of a veth pair have.
void put_sizes(Message& message, const NewLink& link);
std::string text_of_sizes(const NewLink& link);

}  // namespace netlink

// SPDX-License-Identifier: Apache-2.0
// Creating a link of any kind (ip-link(8), "ip link add"; RTM_NEWLINK, linux/if_link.h).
//
// Each kind is a file pair next to this one: a struct with the kind's own attributes, its name in the kernel (kName),
// whether it has a MAC address of its own rather than another link's (kHasOwnMac), and four functions:
//   put_data      writes IFLA_INFO_DATA
//   text          ip(8)'s arguments after "type"
//   failure       the beginning of an error message
//   parse_KIND    reads the attributes of a link that the kernel reported, for kinds that CHECK compares
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include "lib/net/ifname.h"
#include "lib/net/mac.h"
#include "lib/netlink/kind/bridge.h"
#include "lib/netlink/kind/dummy.h"
#include "lib/netlink/kind/ipvlan.h"
#include "lib/netlink/kind/macvlan.h"
#include "lib/netlink/kind/tap.h"
#include "lib/netlink/kind/veth.h"
#include "lib/netlink/kind/vlan.h"
#include "lib/netlink/socket.h"

namespace netlink {

using Kind = std::variant<Veth, Bridge, Dummy, Macvlan, Ipvlan, Vlan, Tap>;

// The kernel accepts no alias here: use a SetLink after it.
struct NewLink {
  net::IfName name;
  Kind kind;
  LinkRef parent = {};               // IFLA_LINK, in the socket's namespace: the link below a macvlan, ipvlan or vlan
  LinkRef master = {};               // IFLA_MASTER: the bridge or VRF whose port it becomes
  NetnsRef netns = {};               // where the link is created
  std::uint32_t mtu = 0;             // bytes; 0: the kernel's default. Both ends of a veth pair
  std::optional<net::Mac> mac = {};  // none: a random one for a kind that has its own
  std::uint32_t tx_queues = 0;       // 0: the driver's default, for veth one per possible processor. Both ends
  std::uint32_t rx_queues = 0;       // likewise
  bool is_up = false;                // created up
  bool may_exist = false;            // accept an existing link with that name
};
Request request(const NewLink& link);
std::string text(const NewLink& link);

// True if the kernel supports that kind; it loads the module if necessary. Nothing is created: the request has a queue
// count that every kernel rejects (rtnl_create_link() in net/core/rtnetlink.c), but an unknown kind fails first.
bool is_supported(Socket& socket, const Kind& kind);

// Adds the MAC address of a link that has its own, always in the creating message. udev's MACAddressPolicy=persistent
// (systemd.link(5)) replaces an address chosen by the kernel (addr_assign_type 1), and ADD's result would become wrong.
void put_mac(Message& message, const std::optional<net::Mac>& mac);

// Adds MTU, queue counts and transmit queue length, for both ends of a veth pair.
void put_sizes(Message& message, const NewLink& link);
std::string text_of_sizes(const NewLink& link);

}  // namespace netlink

// SPDX-License-Identifier: Apache-2.0
// ipvlan links: they share the MAC address of their parent and are identified by their IP addresses (ip-link(8),
// "IPVLAN and IPVTAP Type Support"; IFLA_IPVLAN_*, linux/if_link.h).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "lib/netlink/link.h"
#include "lib/netlink/message.h"

namespace netlink {

struct NewLink;

struct Ipvlan {
  static constexpr const char* kName = "ipvlan";
  static constexpr bool kHasOwnMac = false;  // its parent's

  // As linux/if_link.h numbers them.
  enum class Mode : std::uint16_t { l2 = 0, l3 = 1, l3s = 2 };
  Mode mode = Mode::l2;
};

// The modes by their names in ip(8). nullopt: there is no such mode.
std::optional<Ipvlan::Mode> parse_ipvlan_mode(std::string_view name);
std::string text(Ipvlan::Mode mode);

void put_data(Message& message, const Ipvlan& ipvlan, const NewLink& link);
std::string text(const Ipvlan& ipvlan, const NewLink& link);
std::string failure(const Ipvlan& ipvlan, const NewLink& link);

// The attributes that the kernel reported with the link.
Ipvlan parse_ipvlan(const Link& link);

}  // namespace netlink

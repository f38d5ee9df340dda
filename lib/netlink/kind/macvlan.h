// SPDX-License-Identifier: Apache-2.0
// macvlan links: each has its own MAC address on its parent (ip-link(8), "MACVLAN and MACVTAP Type Support";
// IFLA_MACVLAN_*, linux/if_link.h).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "lib/netlink/link.h"
#include "lib/netlink/message.h"

namespace netlink {

struct NewLink;

struct Macvlan {
  static constexpr const char* kName = "macvlan";
  static constexpr bool kHasOwnMac = true;

  // As linux/if_link.h numbers them.
  enum class Mode : std::uint32_t { private_ = 1, vepa = 2, bridge = 4, passthru = 8 };
  Mode mode = Mode::bridge;
  std::uint32_t broadcast_queue = 0;  // frames (IFLA_MACVLAN_BC_QUEUE_LEN); 0: the kernel's default, 1000
};

// The modes by their names in ip(8). nullopt: there is no such mode.
std::optional<Macvlan::Mode> parse_macvlan_mode(std::string_view name);
std::string text(Macvlan::Mode mode);

void put_data(Message& message, const Macvlan& macvlan, const NewLink& link);
std::string text(const Macvlan& macvlan, const NewLink& link);
std::string failure(const Macvlan& macvlan, const NewLink& link);

// The attributes that the kernel reported with the link.
Macvlan parse_macvlan(const Link& link);

}  // namespace netlink

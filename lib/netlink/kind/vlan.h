// SPDX-License-Identifier: Apache-2.0
// VLAN links: the frames of one VLAN of another link, without their tags (ip-link(8), "VLAN Type Support"; IFLA_VLAN_*,
// linux/if_link.h). 802.1Q.
#pragma once

#include <cstdint>
#include <string>

#include "lib/netlink/link.h"
#include "lib/netlink/message.h"

namespace netlink {

struct NewLink;

struct Vlan {
  static constexpr const char* kName = "vlan";
  static constexpr bool kHasOwnMac = false;  // its parent's
  std::uint16_t id = 0;                      // 0 to 4094; 0: frames with a priority and without a VLAN
};

void put_data(Message& message, const Vlan& vlan, const NewLink& link);
std::string text(const Vlan& vlan, const NewLink& link);
std::string failure(const Vlan& vlan, const NewLink& link);

// The attributes that the kernel reported with the link.
Vlan parse_vlan(const Link& link);

}  // namespace netlink

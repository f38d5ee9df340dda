// SPDX-License-Identifier: Apache-2.0
#include "lib/netlink/kind/vlan.h"

#include <linux/if_link.h>

#include "lib/netlink/attributes.h"
#include "lib/netlink/kind/new_link.h"

namespace netlink {

void put_data(Message& message, const Vlan& vlan, const NewLink& /*link*/) { message.put_u16(IFLA_VLAN_ID, vlan.id); }

std::string text(const Vlan& vlan, const NewLink& /*link*/) { return " id " + std::to_string(vlan.id); }

std::string failure(const Vlan& vlan, const NewLink& link) {
  return "failed to create vlan: " + std::to_string(vlan.id) + " on " + link.parent.name;
}

Vlan parse_vlan(const Link& link) { return {Attributes::of_bytes(link.data).u16(IFLA_VLAN_ID).value_or(0)}; }

}  // namespace netlink

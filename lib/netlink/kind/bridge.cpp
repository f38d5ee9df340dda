// SPDX-License-Identifier: Apache-2.0
#include "lib/netlink/kind/bridge.h"

#include <linux/if_link.h>

#include "lib/netlink/attributes.h"
#include "lib/netlink/kind/new_link.h"

namespace netlink {

void put_data(Message& message, const Bridge& bridge, const NewLink& /*link*/) {
  if (bridge.filters_vlans) message.put_u8(IFLA_BR_VLAN_FILTERING, 1);
}

std::string text(const Bridge& bridge, const NewLink& /*link*/) {
  return bridge.filters_vlans ? " vlan_filtering 1" : "";
}

std::string failure(const Bridge& /*bridge*/, const NewLink& link) {
  return "could not add \"" + link.name.text() + "\"";
}

Bridge parse_bridge(const Link& link) {
  if (link.kind != Bridge::kName) return {};
  const Attributes data = Attributes::of_bytes(link.data);
  return {data.u8(IFLA_BR_VLAN_FILTERING).value_or(0) != 0, data.u16(IFLA_BR_VLAN_DEFAULT_PVID).value_or(0)};
}

std::optional<BridgeLink> observe_bridge(Socket& socket, const net::IfName& name) {
  auto link = observe_link(socket, name);
  if (!link) return std::nullopt;
  const Bridge bridge = parse_bridge(*link);
  return BridgeLink{std::move(*link), bridge};
}

}  // namespace netlink

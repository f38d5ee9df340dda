// SPDX-License-Identifier: Apache-2.0
#include "lib/attachment/uplink.h"

#include <linux/rtnetlink.h>

#include "lib/log/log.h"
#include "lib/netlink/route.h"

namespace attachment {

std::optional<netlink::Link> observe_uplink(netlink::Socket& socket) {
  const std::vector<netlink::Route> routes = netlink::observe_routes(socket, {0, RT_TABLE_MAIN});
  for (const net::Family family : {net::Family::v4, net::Family::v6}) {
    for (const netlink::Route& route : routes) {
      if (!route.dst.is_any() || route.dst.family() != family) continue;
      if (auto link = netlink::observe_link(socket, route.index)) return link;
    }
  }
  return std::nullopt;
}

Mtu resolved(const Mtu& mtu, netlink::Socket& host) {
  if (!mtu.is_auto) return mtu;
  if (const auto uplink = observe_uplink(host)) return {uplink->mtu};
  logging::warn("mtu \"auto\": this host has no default route, so the kernel's default is used");
  return {};
}

}  // namespace attachment

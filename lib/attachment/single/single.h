// SPDX-License-Identifier: Apache-2.0
// Plugins that give a container one interface and make nothing else: a dummy, a macvlan, a VLAN.
//
// The link is created inside the container's namespace, under the name that the owner's host end would have (net::Owner), then
// renamed to CNI_IFNAME. Its alias is the owner. So a later call recognises it, whether its ADD was finished or killed.
#pragma once

#include <functional>
#include <optional>

#include "lib/attachment/keys.h"
#include "lib/cni/serve.h"
#include "lib/netlink/kind/new_link.h"
#include "lib/plan/check.h"

namespace attachment {

// The interface that a configuration asks for.
struct Wanted {
  netlink::Kind kind;
  std::optional<Parent> parent = {};  // the link that it is on; none: it is on no other
  std::uint32_t mtu = 0;              // bytes; 0: the kernel's default
  std::uint32_t tx_queues = 0;        // 0: the driver's default
  std::optional<net::Mac> mac = {};   // none: the kernel chooses one
  std::optional<cni::Dns> dns = {};   // in place of what IPAM reports
};

// What a plugin hands over.
struct Single {
  std::string_view name;  // of the plugin
  // Keys to the wanted interface. Throws cni::Error code 7. STATUS has no container in its request.
  std::function<Wanted(const cni::Request&)> parse;
  // The error text of a configuration without ipam.type; "": IPAM is optional.
  std::string needs_ipam = {};
  // What CHECK compares beyond kind, MAC address, state, addresses and routes.
  std::function<void(plan::Differences&, const Wanted&, const netlink::Link& found)> compare = {};
};

// The plugin with all verbs. `single` must live as long.
cni::Plugin plugin_of(const Single& single);

}  // namespace attachment

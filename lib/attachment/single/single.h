// SPDX-License-Identifier: Apache-2.0
// Plugins that give a container one interface: dummy, macvlan, VLAN, TAP.
//
// The link is created in the container's namespace with the name of the owner's host end (net::Owner), then renamed to
// CNI_IFNAME. Its alias is the owner, so a later call recognises it even if its ADD was killed.
#pragma once

#include <functional>
#include <optional>

#include "lib/attachment/keys.h"
#include "lib/cni/serve.h"
#include "lib/netlink/kind/new_link.h"
#include "lib/plan/check.h"
#include "lib/plan/kernel.h"

namespace attachment {

// The interface that a configuration describes.
struct Wanted {
  netlink::Kind kind;
  std::optional<Parent> parent = {};  // the link below it; none: it has no parent
  Mtu mtu = {};
  std::uint32_t queues = 0;                // transmit and receive queues, each; 0: the driver's default
  std::optional<net::Mac> mac = {};        // none: the kernel chooses one
  std::optional<cni::Dns> dns = {};        // replaces IPAM's
  bool has_host_access = false;            // host_access.h
  std::optional<net::IfName> bridge = {};  // of the container, whose port it becomes; read by Single::create
  std::string selinux_context = {};        // likewise
};

// A plugin's own part.
struct Single {
  std::string_view name;       // the plugin's
  std::string_view kind = {};  // of its links in the kernel, if that is not the plugin's name
  // Parses the keys. Throws cni::Error code 7. STATUS has no container in its request.
  std::function<Wanted(const cni::Request&)> parse;
  // The error if the configuration has no ipam.type; "": IPAM is optional.
  std::string needs_ipam = {};
  // Without ipam.type, the interface gets the addresses and routes of prevResult.
  bool adopts_previous = false;
  // ADD changes IPAM's result, if set. parent: the link below the interface.
  std::function<void(cni::Result&, const cni::Request&, plan::Kernel&, const netlink::LinkRef& parent)> complete = {};
  // CHECK compares this beyond kind, MAC address, state, addresses and routes.
  std::function<void(plan::Differences&, plan::Kernel&, const Wanted&, const netlink::Link& found)> compare = {};
  // Creates the link in the container, down, with that name, if rtnetlink cannot create it.
  std::function<void(plan::Kernel&, const Wanted&, const net::IfName&)> create = {};
  // STATUS: throws if the host lacks what `create` needs.
  std::function<void(const Wanted&)> check_host = {};
};

// Gives the container's interface its addresses and routes, sets it up, and waits until they are usable. announces: its
// neighbours learn its MAC address.
void configure(plan::Kernel& kernel, const net::Owner& owner, const netlink::Link& link, const cni::Result& lease,
               bool announces);

// The plugin with all verbs. `single` must outlive it.
cni::Plugin plugin_of(const Single& single);

}  // namespace attachment

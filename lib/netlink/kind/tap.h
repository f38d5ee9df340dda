// SPDX-License-Identifier: Apache-2.0
// Persistent TAP links: a program, such as a virtual machine, sends and receives their Ethernet frames through
// /dev/net/tun (Documentation/networking/tuntap.rst, linux/if_tun.h). rtnetlink cannot create them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "lib/net/ifname.h"
#include "lib/netlink/link.h"
#include "lib/netlink/message.h"

namespace netlink {

struct NewLink;

struct Tap {
  static constexpr const char* kName = "tun";
  static constexpr bool kHasOwnMac = true;
  bool multi_queue = false;
  // Without CAP_NET_ADMIN, only this uid with this gid may open it (tun_not_capable() in drivers/net/tun.c). none: any.
  std::optional<std::uint32_t> owner = {};
  std::optional<std::uint32_t> group = {};
};

// Creates the link, down, in the thread's namespace, or changes an existing TAP link. selinux_context: its SELinux
// label, that of the creating process (security_tun_dev_create()); "": the caller's. Throws std::system_error, ENOTSUP
// if the host lacks SELinux.
void create_tap(const net::IfName& name, const Tap& tap, const std::string& selinux_context);

// Throws the same if /dev/net/tun cannot be opened or the host lacks SELinux.
void check_tap_host(const std::string& selinux_context);

void put_data(Message& message, const Tap& tap, const NewLink& link);
std::string text(const Tap& tap, const NewLink& link);
std::string failure(const Tap& tap, const NewLink& link);

// The attributes that the kernel reported with the link.
Tap parse_tap(const Link& link);

}  // namespace netlink

// SPDX-License-Identifier: Apache-2.0
// Marks on a device of the host that is in a container: the owner, and the state that the host gets back.
//
// The marks are on the device itself, so they are neither lost nor wrong while the device exists. They move with it,
// also if the kernel returns it to the host because the namespace is deleted (default_device_exit_net() in
// net/core/dev.c; under its name in the container, or dev%d).
//
// - Alternative name "footbridge:net-one:pod-one:eth0": the owner, as net::Owner::comment() with ":" instead of "/",
//   which ip(8) rejects. One lookup finds the device in either namespace, whatever its name is. The kernel allows it
//   only once. A comment of more than 116 bytes stands without the prefix: other alternative names are not that long.
// - Alternative name "was:ens5:1500:02-00-00-00-00-01:up:veth0123456789a": name, MTU, MAC address and state on the
//   host, then the owner's host end, which makes it unique.
// - Alias "ens5": the name on the host. The reference's only mark. ADD sets it last: a finished ADD has it. An
//   administrator's description may look the same, so it counts only where that is said.
//
// Root in a container with CAP_NET_ADMIN can write them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "lib/cni/fields.h"
#include "lib/net/owner.h"
#include "lib/netlink/link.h"

namespace attachment {

struct Former {
  std::string name;
  std::uint32_t mtu = 0;             // bytes; 0: unknown
  std::optional<net::Mac> mac = {};  // none: unknown
  bool is_up = false;
};

std::string owner_mark(const net::Owner& owner);
std::string state_mark(const net::Owner& owner, const netlink::Link& device);

// The device's state before ADD. Without a state mark only the name: that of the configuration if it gives one
// (`configured`, else ""), the reference's alias, or the present one.
Former former_of(const netlink::Link& device, const std::string& configured);

// The owner's mark as net::Owner::comment(), the owner being any; nullopt without one.
std::optional<std::string> find_owner(const netlink::Link& device);

// Is that the device's name or an alternative one, or was it, before the kernel returned the device to the host?
bool is_named(const netlink::Link& device, const std::string& name);

// A key whose value is a link's name or alternative name; "" without it. Throws cni::Error code 7.
std::string parse_device(const cni::Fields& fields, std::string_view key);

bool has_alt_name(const netlink::Link& link, const std::string& name);

// Is the alias one that the reference sets: a link's name?
bool is_reference_alias(const std::string& alias);

// Is it one of the two alternative names?
bool is_mark(const std::string& alt_name);

}  // namespace attachment

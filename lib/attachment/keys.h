// SPDX-License-Identifier: Apache-2.0
// Configuration keys that plugins have in common beyond the protocol's own. Bad values throw cni::Error code 7.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "lib/cni/request.h"
#include "lib/net/ifname.h"
#include "lib/net/mac.h"

namespace attachment {

// mtu: bytes; 0, a negative number and none mean the kernel's default, as the reference only looks at positive ones.
std::uint32_t parse_mtu(const cni::Fields& fields);

// The MAC address that was asked for: runtimeConfig.mac, else args.cni.mac, else MAC in CNI_ARGS. A unicast address.
std::optional<net::Mac> parse_mac(const cni::Request& request);

// master and linkInContainer: the link that the container's interface is created on.
struct Parent {
  std::optional<net::IfName> name = {};  // none: the link of the default route, IPv4's before IPv6's
  bool is_in_container = false;          // false: of the host
};
Parent parse_parent(const cni::Fields& fields);

// ipMasqBackend: iptables and nftables are known, and nftables is used for both.
void check_masquerade_backend(const cni::Fields& fields);

// dns: replaces IPAM's as a whole, even by an empty list. nullopt if it has no list and no domain; null is no list.
std::optional<cni::Dns> parse_dns(const cni::Fields& fields);

// What the IPAM configuration hands addresses out of, as far as one can tell from outside: ipam.subnet, ipam.ranges and
// runtimeConfig.ipRanges (host-local) between rangeStart and rangeEnd, and ipam.addresses (static) unless the runtime sends
// others by the capability "ips". A value that cannot be read is left out: the IPAM plugin reports it.
struct HandedOut {
  net::Prefix subnet;
  net::Address first;
  net::Address last;
  std::optional<net::Address> gateway = {};  // as the IPAM plugin reports it
};
std::vector<HandedOut> find_ranges(const cni::Request& request);

// The kernel needs an MTU of 68 bytes for a link, and of 1280 for an IPv6 address. mtu: bytes; 0, the default, is accepted.
void refuse_small_mtu(std::uint32_t mtu, const cni::Request& request);

}  // namespace attachment

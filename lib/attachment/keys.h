// SPDX-License-Identifier: Apache-2.0
// Configuration keys that several plugins share, beyond the protocol's own. Bad values throw cni::Error code 7.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "lib/cni/request.h"
#include "lib/net/ifname.h"
#include "lib/net/mac.h"

namespace attachment {

// mtu
struct Mtu {
  std::uint32_t bytes = 0;  // 0: the kernel's default
  bool is_auto = false;     // "auto": the MTU of the uplink when ADD runs (attachment/uplink.h), or of the parent
};
// A negative number means the default for a veth pair, because the reference reads only positive values. least: the
// smallest number allowed.
Mtu parse_mtu(const cni::Fields& fields, std::int64_t least = -65535);

// queues: the number of transmit and of receive queues; 0: not configured.
std::uint32_t parse_queues(const cni::Fields& fields);

// The requested unicast MAC address: runtimeConfig.mac, else args.cni.mac, else MAC in CNI_ARGS.
std::optional<net::Mac> parse_mac(const cni::Request& request);

// The same, else the key mac.
std::optional<net::Mac> parse_mac_or_key(const cni::Request& request);

// A key whose value is the name of a link; nullopt without the key.
std::optional<net::IfName> parse_link_name(const cni::Fields& fields, std::string_view key);

// master and linkInContainer: the parent link of the container's interface.
struct Parent {
  std::optional<net::IfName> name = {};  // none: the link of the default route, IPv4 before IPv6
  bool is_in_container = false;          // false: on the host
};
Parent parse_parent(const cni::Fields& fields);

// hostAccess: host and container reach each other. Not with linkInContainer: the host has no part in that network.
bool parse_host_access(const cni::Fields& fields);

// ipMasqBackend: accepts iptables and nftables; both use nftables.
void check_masquerade_backend(const cni::Fields& fields);

// dns: replaces IPAM's dns completely, even by an empty list. nullopt if it has neither a list nor a domain; null is no
// list.
std::optional<cni::Dns> parse_dns(const cni::Fields& fields);

// The address ranges of the IPAM configuration, as far as they are visible from outside: ipam.subnet, ipam.ranges and
// runtimeConfig.ipRanges (host-local) between rangeStart and rangeEnd, and ipam.addresses (static) unless the runtime
// provides others through the capability "ips". Unreadable values are skipped: the IPAM plugin reports them.
struct AddressRange {
  net::Prefix subnet;
  net::Address first;
  net::Address last;
  std::optional<net::Address> gateway = {};  // as the IPAM plugin reports it
};
std::vector<AddressRange> find_ranges(const cni::Request& request);

// The kernel needs an MTU of 68 bytes for a link, 1280 for an IPv6 address. mtu: bytes; 0 (default) is accepted.
void reject_small_mtu(std::uint32_t mtu, const cni::Request& request);

}  // namespace attachment

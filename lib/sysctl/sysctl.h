// SPDX-License-Identifier: Apache-2.0
// The sysctls that Footbridge touches, and no others (Documentation/networking/ip-sysctl.rst).
//
// A setting is of the network namespace that the calling thread is in.
#pragma once

#include <optional>
#include <string>

#include "lib/net/ifname.h"

namespace sysctl {

struct Setting {
  std::string key;  // below /proc/sys, with slashes: an interface's name may hold dots
  std::string value;
  bool required = true;      // false: a kernel without the key, or a read-only /proc/sys, is no reason to fail
  bool may_be_gone = false;  // with its interface, and then there is nothing to set
};

// As an operator would type it: "sysctl -w net/ipv4/ip_forward=1".
std::string text(const Setting& setting);

// The value now, without the newline; nullopt when there is no such key (IPv6 switched off, the interface gone).
std::optional<std::string> read(const std::string& key);

// What can be read of a key. Some can only be written to, as net/ipv4/route/flush, and have no value; others have none until they are
// given one, as net/ipv6/conf/eth0/stable_secret.
struct Seen {
  std::optional<std::string> value;  // nullopt as for read(), and for a key that has none
  bool is_write_only = false;
};
Seen observe(const std::string& key);

// Writes the value unless it is there already: some keys are costly to write (ip_forward walks all devices).
// An empty value clears the key, where the key has such a state. Throws std::system_error when a required setting cannot be written, and for others when that is the machine's fault (no
// memory, no descriptors) and not its way of being.
void apply(const Setting& setting);

Setting ip_forward();                                           // net/ipv4/ip_forward = 1
Setting ipv6_forwarding();                                      // net/ipv6/conf/all/forwarding = 1
Setting refuse_router_advertisements(const net::IfName& name);  // accept_ra = 0 (CVE-2020-10749)
Setting enable_ipv6(const net::IfName& name);                   // disable_ipv6 = 0: an address needs it
Setting keep_addresses_when_down(const net::IfName& name);      // keep_addr_on_down = 1
Setting announce_by_arp(const net::IfName& name);      // arp_notify = 1: neighbours learn a reused address's new MAC
Setting announce_by_ndisc(const net::IfName& name);    // ndisc_notify = 1: likewise in IPv6
Setting link_local_from_mac(const net::IfName& name);  // addr_gen_mode = 0: the link-local address is known beforehand
Setting route_localnet(const net::IfName& name);       // 127.0.0.0/8 may leave and enter by this interface
Setting no_route_localnet(const net::IfName& name);    // not any more: no failure where the interface is gone

// IPv6 duplicate address detection (RFC 4862, 5.4) on an interface: accept_dad, and enhanced_dad (RFC 7527) with it.
Setting duplicate_detection(const net::IfName& name, bool enabled);
Setting enhanced_duplicate_detection(const net::IfName& name);

}  // namespace sysctl

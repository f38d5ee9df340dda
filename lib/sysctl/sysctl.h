// SPDX-License-Identifier: Apache-2.0
// The sysctls that Footbridge changes (Documentation/networking/ip-sysctl.rst).
//
// They belong to the network namespace of the calling thread.
#pragma once

#include <optional>
#include <string>

#include "lib/net/ifname.h"

namespace sysctl {

struct Setting {
  std::string key;  // below /proc/sys, with slashes: an interface's name may contain dots
  std::string value;
  bool required = true;      // false: not an error if the key does not exist or is read-only
  bool may_be_gone = false;  // not an error if its interface is gone
};

// The key as sysctl(8) prints it, for messages: "net.ipv4.conf.eth0/5.arp_filter".
std::string name_of(std::string key);

// As an operator would type it: "sysctl -w net/ipv4/ip_forward=1".
std::string text(const Setting& setting);

// The current value without the newline; nullopt if the key does not exist (IPv6 is off, the interface is gone).
std::optional<std::string> read(const std::string& key);

// What can be read of a key. Some keys are write-only, such as net/ipv4/route/flush. Others have no value until one is
// set, such as net/ipv6/conf/eth0/stable_secret.
struct Seen {
  std::optional<std::string> value;  // nullopt: absent, or no value
  bool is_write_only = false;
};
Seen observe(const std::string& key);

// Writes the value unless the key already has it: some keys are costly to write (ip_forward visits all devices). An
// empty value clears a key that can be empty. Throws std::system_error if a required setting cannot be written. For
// other settings it throws only if the machine lacks a resource (memory, descriptors).
void apply(const Setting& setting);

Setting ip_forward();                                           // net/ipv4/ip_forward = 1
Setting ipv6_forwarding();                                      // net/ipv6/conf/all/forwarding = 1
Setting refuse_router_advertisements(const net::IfName& name);  // accept_ra = 0 (CVE-2020-10749)
Setting enable_ipv6(const net::IfName& name);                   // disable_ipv6 = 0: an address needs it
Setting keep_addresses_when_down(const net::IfName& name);      // keep_addr_on_down = 1
Setting announce_by_arp(const net::IfName& name);    // arp_notify = 1: neighbours learn the new MAC of a reused address
Setting announce_by_ndisc(const net::IfName& name);  // ndisc_notify = 1: likewise in IPv6
Setting link_local_from_mac(const net::IfName& name);  // addr_gen_mode = 0: the link-local address is predictable
Setting no_link_local(const net::IfName& name);        // addr_gen_mode = 1: no IPv6 link-local address
Setting answer_no_arp(const net::IfName& name);        // arp_ignore = 8
Setting route_localnet(const net::IfName& name);       // 127.0.0.0/8 may leave and enter by this interface
Setting no_route_localnet(const net::IfName& name);    // undoes it; no error if the interface is gone

// IPv6 duplicate address detection (RFC 4862, 5.4) on an interface: accept_dad, and enhanced_dad (RFC 7527) with it.
Setting duplicate_detection(const net::IfName& name, bool enabled);
Setting enhanced_duplicate_detection(const net::IfName& name);

}  // namespace sysctl

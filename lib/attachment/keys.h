// Configuration keys that plugins have in common beyond the protocol's own. Bad values throw cni::Error code 7.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "lib/cni/request.h"

namespace attachment {

// mtu: bytes; 0, a negative number and none mean the kernel's default, as the reference only looks at positive ones.
std::uint32_t parse_mtu(const cni::Fields& fields);

// ipMasqBackend: iptables and nftables are known, and nftables is used for both.
void check_masquerade_backend(const cni::Fields& fields);

// dns: in place of what IPAM says; nullopt when it is empty.
std::optional<cni::Dns> parse_dns(const cni::Fields& fields);

// What the IPAM configuration hands addresses out of, as far as one can tell from outside: ipam.subnet, ipam.ranges and
// runtimeConfig.ipRanges (host-local) between rangeStart and rangeEnd, and ipam.addresses (static). What cannot be read is
// left out: to complain of it is the IPAM plugin's business.
struct HandedOut {
  net::Prefix subnet;
  net::Address first;
  net::Address last;
};
std::vector<HandedOut> find_ranges(const cni::Request& request);

}  // namespace attachment

// SPDX-License-Identifier: Apache-2.0
// The configured sysctls: converts keys, as users write them, to files below /proc/sys, in the order in which they are
// set.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "lib/cni/request.h"

namespace tuning {

struct Sysctl {
  std::string key;    // as written in the configuration: "net.ipv4.conf.IFNAME.arp_filter"
  std::string path;   // below /proc/sys: "net/ipv4/conf/eth0/arp_filter"
  std::string value;  // as written in the configuration
};

// The file of a key, as sysctl(8) determines it. If the first separator is ".", each "." becomes "/" and each "/"
// becomes ".". Then the first IFNAME becomes the interface's name, dots included.
// Throws cni::Error code 7 `invalid net sysctl key: "..."` for a file that is not below net/.
std::string path_of(std::string_view key, std::string_view ifname);

// "sysctl", extended and overridden by args.cni.sysctl, sorted by path. Sysctls for all interfaces (conf/all,
// ip_forward) come first, because the kernel then sets them on each interface. Throws cni::Error code 7 if two keys of
// one object name the same file, or if a key appears twice.
std::vector<Sysctl> parse_sysctls(const cni::Request& request);

}  // namespace tuning

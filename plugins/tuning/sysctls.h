// SPDX-License-Identifier: Apache-2.0
// The sysctls of a configuration: from keys as users write them to files below /proc/sys, in the order in which they are set.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "lib/cni/request.h"

namespace tuning {

struct Sysctl {
  std::string key;    // as it is written: "net.ipv4.conf.IFNAME.arp_filter"
  std::string path;   // below /proc/sys: "net/ipv4/conf/eth0/arp_filter"
  std::string value;  // as it is written
};

// The file of a key as sysctl(8) reads it: if its first separator is a ".", each "." becomes a "/" and each "/" a ".". Then
// the first IFNAME becomes the interface's name, dots and all.
// Throws cni::Error code 7 `invalid net sysctl key: "..."` for what is not below net/.
std::string path_of(std::string_view key, std::string_view ifname);

// "sysctl" with what args.cni.sysctl adds and overrides. What is set for all interfaces (conf/all, ip_forward) comes first, because that is
// set on each of them by the kernel, and else the order is that of the paths. Two keys of one object that are the same file are
// an error, as one that is written twice.
std::vector<Sysctl> parse_sysctls(const cni::Request& request);

}  // namespace tuning

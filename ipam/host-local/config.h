// SPDX-License-Identifier: Apache-2.0
// The configuration of host-local: the "ipam" object and the requested addresses.
#pragma once

#include <string>
#include <vector>

#include "lib/cni/request.h"
#include "lib/cni/result.h"
#include "lib/ipam/range.h"
#include "lib/net/address.h"

namespace host_local {

struct Config {
  std::string data_dir;            // ipam.dataDir, default /var/lib/cni/networks; contains a directory per network
  std::string resolv_conf;         // ipam.resolvConf: the resolv.conf(5) for the result's dns; "": none
  std::vector<cni::Route> routes;  // ipam.routes, copied to the result

  // runtimeConfig.ipRanges, then the range of the keys of "ipam" itself (subnet, rangeStart, rangeEnd, gateway), then
  // ipam.ranges. Each is a list of sets; a set is a list of {subnet, rangeStart, rangeEnd, gateway}. At least one set,
  // at most 1000 ranges in total; before version 0.3.0 one set per family. STATUS, which gets no runtimeConfig, may
  // have no set if capabilities.ipRanges is true.
  //
  // ipam.exclude: addresses and networks of either family that are never allocated, at most 1000. Each set must keep
  // an address. The reference ignores this key.
  std::vector<ipam::RangeSet> sets;

  // CNI_ARGS IP, args.cni.ips, runtimeConfig.ips: addresses; a prefix length is ignored. Without duplicates; at most
  // 1000.
  std::vector<net::Address> requested;
};

// Parses and checks everything. Throws cni::Error: code 7 (4 for CNI_ARGS); the text begins with the reference's
// words.
Config parse_config(const cni::Request& request);

// The "ipam" object. Throws cni::Error code 7 without one.
cni::Fields parse_ipam(const cni::Request& request);

// Only ipam.dataDir, for DEL, CHECK and GC: they must work even if the rest of the configuration has become invalid.
std::string parse_data_dir(const cni::Request& request);

}  // namespace host_local

// SPDX-License-Identifier: Apache-2.0
// What host-local is told: the "ipam" object of the configuration, and who asks for which addresses.
#pragma once

#include <string>
#include <vector>

#include "lib/cni/request.h"
#include "lib/cni/result.h"
#include "lib/ipam/range.h"
#include "lib/net/address.h"

namespace host_local {

struct Config {
  std::string data_dir;            // ipam.dataDir, default /var/lib/cni/networks; each network has a directory in it
  std::string resolv_conf;         // ipam.resolvConf: a resolv.conf(5) whose content becomes the result's dns; "": none
  std::vector<cni::Route> routes;  // ipam.routes, for the result as they are

  // runtimeConfig.ipRanges, then the one range that the keys of "ipam" itself describe (subnet, rangeStart, rangeEnd,
  // gateway), then ipam.ranges. Each is a list of sets, and each set a list of {subnet, rangeStart, rangeEnd, gateway}.
  // At least one set; at most 1000 ranges in all; before version 0.3.0 one set of each family. STATUS, which knows no
  // runtimeConfig, may have none when capabilities.ipRanges says that the runtime brings them.
  //
  // ipam.exclude: addresses and networks of either family that are never handed out, at most 1000; of each set something
  // must be left. Ours; the reference ignores the key.
  std::vector<ipam::RangeSet> sets;

  // CNI_ARGS IP, args.cni.ips, runtimeConfig.ips: each an address, a prefix length behind it is dropped. Without
  // repetitions; at most 1000.
  std::vector<net::Address> requested;
};

// Reads and checks all of it. Throws cni::Error: code 7 (4 for CNI_ARGS), with the reference's words at the beginning.
Config parse_config(const cni::Request& request);

// The "ipam" object. Throws cni::Error code 7 without one.
cni::Fields parse_ipam(const cni::Request& request);

// ipam.dataDir alone: all that DEL, CHECK and GC need. They must work whatever has become of the rest of the configuration.
std::string parse_data_dir(const cni::Request& request);

}  // namespace host_local

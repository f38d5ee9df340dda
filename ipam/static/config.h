// SPDX-License-Identifier: Apache-2.0
// The configuration of static: addresses, routes and DNS of the result.
#pragma once

#include <optional>
#include <vector>

#include "lib/cni/request.h"
#include "lib/cni/result.h"
#include "lib/net/address.h"
#include "lib/net/prefix.h"

namespace static_ {

struct Address {
  net::Prefix address;  // host bits kept: the interface's own address
  std::optional<net::Address> gateway;
};

struct Config {
  // ipam.addresses, each {address, gateway}, then IP of CNI_ARGS, "10.1.0.5/24,fd00:1::5/64". GATEWAY of CNI_ARGS,
  // "10.1.0.1,fd00:1::1", is the gateway of every address whose network contains it. (In the reference, only of those
  // of CNI_ARGS.) args.cni.ips replace all of these, and runtimeConfig.ips replace all others; these have no gateway.
  // At most 1000 per source. No address at all is no error here.
  std::vector<Address> addresses;
  std::vector<cni::Route> routes;  // ipam.routes
  cni::Dns dns;                    // ipam.dns
};

// Parses and checks everything. Throws cni::Error: code 7 (4 for CNI_ARGS); the text begins with the reference's
// words.
Config parse_config(const cni::Request& request);

}  // namespace static_

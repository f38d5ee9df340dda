// SPDX-License-Identifier: Apache-2.0
// What static is told: the addresses, the routes and the DNS of the result.
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
  // ipam.addresses, each {address, gateway}, then the addresses of IP in CNI_ARGS, "10.1.0.5/24,fd00:1::5/64". GATEWAY in
  // CNI_ARGS, "10.1.0.1,fd00:1::1", is the gateway of every address whose network holds it. (The reference looks at those
  // of CNI_ARGS alone.)  args.cni.ips take the place of all these when there are any, and runtimeConfig.ips that of all
  // others; none of them has a gateway.  At most 1000 from each place.  None at all is no error here: whoever needs one
  // says so.
  std::vector<Address> addresses;
  std::vector<cni::Route> routes;  // ipam.routes
  cni::Dns dns;                    // ipam.dns
};

// Reads and checks all of it. Throws cni::Error: code 7 (4 for CNI_ARGS), with the reference's words at the beginning.
Config parse_config(const cni::Request& request);

}  // namespace static_

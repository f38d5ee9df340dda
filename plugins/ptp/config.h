// SPDX-License-Identifier: Apache-2.0
// Configuration of the ptp plugin. Parsing checks all values.
#pragma once

#include <cstdint>
#include <optional>

#include "lib/attachment/keys.h"
#include "lib/cni/request.h"
#include "lib/masquerade/plan.h"
#include "lib/net/ifname.h"
#include "lib/net/owner.h"

namespace ptp {

struct Config {
  bool ip_masq = false;              // ipMasq: masquerade traffic that leaves the network
  masquerade::Options masquerading;  // masquerade: options and exclusions
  attachment::Mtu mtu;               // mtu: of both ends
  std::uint32_t queues = 0;          // queues: of both ends; 0: one transmit queue
  std::optional<cni::Dns> dns;       // dns: replaces IPAM's
  net::Owner owner;                  // of the created objects; without a container in STATUS
  net::IfName ifname{"eth0"};        // CNI_IFNAME
};

// Throws cni::Error code 7 for a bad value or a missing ipam.type: a point-to-point link needs addresses.
Config parse_config(const cni::Request& request);

}  // namespace ptp

// SPDX-License-Identifier: Apache-2.0
// What the ptp plugin is asked for. Parsing checks everything; after it nothing is questioned.
#pragma once

#include <cstdint>
#include <optional>

#include "lib/cni/request.h"
#include "lib/masquerade/plan.h"
#include "lib/net/ifname.h"
#include "lib/net/owner.h"

namespace ptp {

struct Config {
  bool ip_masq = false;              // ipMasq: what leaves the network does so under the host's address
  masquerade::Options masquerading;  // masquerade: how, and what not
  std::uint32_t mtu = 0;             // mtu: bytes, of both ends; 0: the kernel's default
  std::optional<cni::Dns> dns;       // dns: in place of what IPAM says
  net::Owner owner;                  // of what is made; of no container in STATUS
  net::IfName ifname{"eth0"};        // CNI_IFNAME
};

// Throws cni::Error code 7 for a bad value, and without ipam.type: a point-to-point link is nothing without addresses.
Config parse_config(const cni::Request& request);

}  // namespace ptp

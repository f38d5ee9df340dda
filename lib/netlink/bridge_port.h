// SPDX-License-Identifier: Apache-2.0
// Ports of a Linux bridge (ip-link(8), "bridge_slave").
#pragma once

#include <cstdint>
#include <string>

#include "lib/net/ifname.h"
#include "lib/netlink/socket.h"

namespace netlink {

// Sets the options of a bridge port, and the alias that names its owner, in one message.
struct SetPort {
  net::IfName name;
  std::string alias;  // "": unchanged
  bool hairpin = false;
  bool isolated = false;
  // Forward 01:80:c2:00:00:0e like other frames, through nftables. Otherwise it bypasses all hooks.
  bool forwards_lldp = false;
};
Request request(const SetPort& change);
std::string text(const SetPort& change);

// Makes a link a port of the bridge, also if it is a port of another one.
struct SetMaster {
  net::IfName name;
  std::uint32_t master = 0;  // index of the bridge
  std::string master_name;   // for the text
};
Request request(const SetMaster& change);
std::string text(const SetMaster& change);

}  // namespace netlink

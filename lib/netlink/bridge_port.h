// SPDX-License-Identifier: Apache-2.0
// Ports of a Linux bridge (ip-link(8), "bridge_slave").
#pragma once

#include <cstdint>
#include <string>

#include "lib/net/ifname.h"
#include "lib/netlink/socket.h"

namespace netlink {

// What concerns a port of a bridge, and the alias that says whose it is, in one message.
struct SetPort {
  net::IfName name;
  std::string alias;  // "" leaves it
  bool hairpin = false;
  bool isolated = false;
  bool forwards_lldp =
      false;  // 01:80:c2:00:00:0e goes the way of other frames, nftables included; otherwise past all hooks
};
Request request(const SetPort& change);
std::string text(const SetPort& change);

// Makes a link the port of another bridge, or of one if it was of none.
struct SetMaster {
  net::IfName name;
  std::uint32_t master = 0;  // index of the bridge
  std::string master_name;   // for the text
};
Request request(const SetMaster& change);
std::string text(const SetMaster& change);

}  // namespace netlink

// Linux bridges and their ports (ip-link(8), "BRIDGE Type Support", "bridge_slave").
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "lib/net/ifname.h"
#include "lib/net/mac.h"
#include "lib/netlink/socket.h"

namespace netlink {

// Down; one that exists already is as good (two first containers at once). A bridge that is given its MAC when it is made
// keeps it; otherwise it takes the lowest of its ports' and changes it under its neighbours' feet.
struct NewBridge {
  net::IfName name;
  net::Mac mac;
  std::uint32_t mtu = 0;       // bytes; 0: the kernel's default
  bool filters_vlans = false;  // ports hear only the VLANs that they have (bridge_vlan.h)
};
Request request(const NewBridge& change);
std::string text(const NewBridge& change);

// Deletes the bridge if it has that index still; success when it is gone.
struct DeleteBridge {
  net::IfName name;
  std::uint32_t index = 0;
};
Request request(const DeleteBridge& change);
std::string text(const DeleteBridge& change);

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

// A MAC for a link: random, locally administered, unicast (IEEE 802, U/L and I/G bits), from getrandom(2).
net::Mac random_mac();

}  // namespace netlink

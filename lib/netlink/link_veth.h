// veth pairs (veth(4)).
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "lib/net/ifname.h"
#include "lib/net/mac.h"
#include "lib/netlink/socket.h"

namespace netlink {

// Both ends in one message: the near end in the socket's namespace, up (unless it is to be prepared first) and a bridge's
// port from the beginning, the far end in another namespace or the same. The far end stays down (the kernel refuses to
// create a peer up: ENOTCONN).
struct NewVeth {
  net::IfName name;
  std::uint32_t master = 0;  // index of the bridge; 0: none
  std::string master_name;   // for the text
  std::uint32_t mtu = 0;     // bytes, of both ends; 0: the kernel's default
  net::IfName peer;
  int peer_netns = -1;          // descriptor of the far end's namespace; -1: the near end's
  std::string peer_netns_path;  // for the text
  std::optional<net::Mac> peer_mac = {};
  bool up = true;          // the near end
  bool may_exist = false;  // a link there already with one of the names is success
};
Request request(const NewVeth& change);
std::string text(const NewVeth& change);

}  // namespace netlink

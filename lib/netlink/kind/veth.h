// SPDX-License-Identifier: Apache-2.0
// veth pairs (veth(4), linux/veth.h).
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "lib/net/ifname.h"
#include "lib/net/mac.h"
#include "lib/netlink/message.h"

namespace netlink {

struct NewLink;

// The far end of the pair, which the same message creates. It stays down: the kernel refuses to create a peer up (ENOTCONN).
struct Veth {
  static constexpr const char* kName = "veth";
  static constexpr bool kHasOwnMac = true;
  static constexpr std::uint32_t kTxQueueLength =
      0;  // packets: what one end sends, the other has received. As the reference's
  net::IfName peer;
  int peer_netns = -1;               // descriptor of the far end's namespace; -1: the near end's
  std::string peer_netns_path = {};  // for the text
  std::optional<net::Mac> peer_mac = {};
};

void put_data(Message& message, const Veth& veth, const NewLink& link);
std::string text(const Veth& veth, const NewLink& link);
std::string failure(const Veth& veth, const NewLink& link);

}  // namespace netlink

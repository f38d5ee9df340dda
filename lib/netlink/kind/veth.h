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

// The peer of the pair, which the same message creates. It stays down: the kernel rejects a peer that is up (ENOTCONN).
struct Veth {
  static constexpr const char* kName = "veth";
  static constexpr bool kHasOwnMac = true;
  static constexpr std::uint32_t kTxQueueLength = 0;  // packets: sent packets arrive at once. As the reference does
  net::IfName peer;
  int peer_netns = -1;               // descriptor of the peer's namespace; -1: the link's own
  std::string peer_netns_path = {};  // for the text
  std::optional<net::Mac> peer_mac = {};
};

void put_data(Message& message, const Veth& veth, const NewLink& link);
std::string text(const Veth& veth, const NewLink& link);
std::string failure(const Veth& veth, const NewLink& link);

}  // namespace netlink

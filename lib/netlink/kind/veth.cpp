// SPDX-License-Identifier: Apache-2.0
#include "lib/netlink/kind/veth.h"

#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>

#include <array>

#include "lib/netlink/kind/new_link.h"

namespace netlink {

void put_data(Message& message, const Veth& veth, const NewLink& link) {
  const Message::Nest peer(message, VETH_INFO_PEER);
  constexpr std::array<std::uint8_t, sizeof(ifinfomsg)> kEmpty{};
  message.append(kEmpty);
  message.put_text(IFLA_IFNAME, veth.peer.text());
  if (veth.peer_netns >= 0) message.put_u32(IFLA_NET_NS_FD, static_cast<std::uint32_t>(veth.peer_netns));
  put_sizes(message, link);
  put_mac(message, veth.peer_mac);
}

std::string text(const Veth& veth, const NewLink& link) {
  std::string words = " peer name " + veth.peer.text() + text_of_sizes(link);
  if (veth.peer_mac) words += " address " + veth.peer_mac->text();
  return veth.peer_netns < 0 ? words : words + " netns " + veth.peer_netns_path;
}

std::string failure(const Veth& veth, const NewLink& link) {
  const std::string what = "failed to make veth pair: create " + link.name.text() + " with peer " + veth.peer.text();
  return veth.peer_netns < 0 ? what : what + " in " + veth.peer_netns_path;
}

}  // namespace netlink

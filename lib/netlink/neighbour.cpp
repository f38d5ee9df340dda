// SPDX-License-Identifier: Apache-2.0
#include "lib/netlink/neighbour.h"

#include <linux/neighbour.h>
#include <linux/rtnetlink.h>

#include "lib/netlink/message.h"

namespace netlink {

Request request(const NewNeighbour& change) {
  Message message(RTM_NEWNEIGH, NLM_F_CREATE | NLM_F_REPLACE);
  auto& header = message.header<ndmsg>();
  header.ndm_family = static_cast<std::uint8_t>(change.address.family());
  header.ndm_ifindex = static_cast<int>(change.index);
  header.ndm_state = NUD_PERMANENT;
  message.put(NDA_DST, change.address.bytes());
  message.put(NDA_LLADDR, change.mac.bytes);
  return {std::move(message), "failed to add neighbour (" + text(change) + ")"};
}

std::string text(const NewNeighbour& change) {
  return "ip neighbour replace " + change.address.text() + " lladdr " + change.mac.text() + " dev " +
         change.link.text() + " nud permanent";
}

}  // namespace netlink

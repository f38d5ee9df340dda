// SPDX-License-Identifier: Apache-2.0
#include "lib/netlink/neighbour.h"

#include <linux/neighbour.h>
#include <linux/rtnetlink.h>

#include "lib/netlink/attributes.h"
#include "lib/netlink/datagram.h"
#include "lib/netlink/message.h"

namespace netlink {

std::vector<Neighbour> observe_permanent_neighbours(Socket& socket, std::uint32_t index) {
  Message message(RTM_GETNEIGH, 0);
  message.header<ndmsg>();
  message.put_u32(NDA_IFINDEX, index);
  std::vector<Neighbour> neighbours;
  const auto keep = [&](const nlmsghdr* reply) {
    const auto header = header_of<ndmsg>(reply);
    const Attributes attributes(reply, sizeof(ndmsg));
    const auto address = attributes.bytes(NDA_DST);
    const auto mac = attributes.bytes(NDA_LLADDR);
    const bool is_own =
        static_cast<std::uint32_t>(header.ndm_ifindex) == index && (header.ndm_state & NUD_PERMANENT) != 0;
    if (!is_own || mac.size() != net::Mac().bytes.size() || (address.size() != 4 && address.size() != 16)) return;
    neighbours.push_back({net::Address::from_bytes(address), net::Mac::from_bytes(mac)});
  };
  socket.dump(std::move(message), "list neighbours", keep, [&] { neighbours.clear(); });
  return neighbours;
}

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

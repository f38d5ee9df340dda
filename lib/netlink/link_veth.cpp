#include "lib/netlink/link_veth.h"

#include <linux/if.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>

#include <array>
#include <cerrno>

namespace netlink {
namespace {

void put_peer(Message& message, const NewVeth& change) {
  const Message::Nest peer(message, VETH_INFO_PEER);
  constexpr std::array<std::uint8_t, sizeof(ifinfomsg)> kEmpty{};
  message.append(kEmpty);
  message.put_text(IFLA_IFNAME, change.peer.text());
  if (change.peer_netns >= 0) message.put_u32(IFLA_NET_NS_FD, static_cast<std::uint32_t>(change.peer_netns));
  if (change.mtu != 0) message.put_u32(IFLA_MTU, change.mtu);
  if (change.peer_mac) message.put(IFLA_ADDRESS, change.peer_mac->bytes);
}

}  // namespace

Request request(const NewVeth& change) {
  Message message(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL);
  auto& info = message.header<ifinfomsg>();
  info.ifi_flags = change.up ? IFF_UP : 0;
  info.ifi_change = IFF_UP;
  message.put_text(IFLA_IFNAME, change.name.text());
  if (change.mtu != 0) message.put_u32(IFLA_MTU, change.mtu);
  if (change.master != 0) message.put_u32(IFLA_MASTER, change.master);
  {
    const Message::Nest linkinfo(message, IFLA_LINKINFO);
    message.put_text(IFLA_INFO_KIND, "veth");
    const Message::Nest data(message, IFLA_INFO_DATA);
    put_peer(message, change);
  }
  Request request{std::move(message),
                  "failed to make veth pair: create " + change.name.text() + " with peer " + change.peer.text()};
  if (change.peer_netns >= 0) request.what += " in " + change.peer_netns_path;
  if (change.may_exist) request.accepted = {EEXIST};
  return request;
}

std::string text(const NewVeth& change) {
  std::string line = "ip link add " + change.name.text() + (change.up ? " up" : "");
  if (change.mtu != 0) line += " mtu " + std::to_string(change.mtu);
  if (change.master != 0) line += " master " + change.master_name;
  line += " type veth peer name " + change.peer.text();
  if (change.mtu != 0) line += " mtu " + std::to_string(change.mtu);
  if (change.peer_mac) line += " address " + change.peer_mac->text();
  return change.peer_netns < 0 ? line : line + " netns " + change.peer_netns_path;
}

}  // namespace netlink

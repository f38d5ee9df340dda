// SPDX-License-Identifier: Apache-2.0
#include "lib/netlink/address.h"

#include <linux/if_addr.h>
#include <linux/rtnetlink.h>

#include <cerrno>

#include "lib/netlink/attributes.h"
#include "lib/netlink/datagram.h"

namespace netlink {
namespace {

Message address_message(std::uint16_t type, std::uint16_t flags, std::uint32_t index, const net::Prefix& address) {
  Message message(type, flags);
  auto& header = message.header<ifaddrmsg>();
  header.ifa_family = static_cast<std::uint8_t>(address.family());
  header.ifa_prefixlen = address.length;
  header.ifa_index = index;
  message.put(IFA_LOCAL, address.address.bytes());
  message.put(IFA_ADDRESS, address.address.bytes());
  return message;
}

std::uint32_t flags_of(const NewAddress& change) {
  std::uint32_t flags = 0;
  if (!change.address.address.is_v4() && !change.detect_duplicates) flags |= IFA_F_NODAD;
  if (!change.connected_route) flags |= IFA_F_NOPREFIXROUTE;
  return flags;
}

}  // namespace

std::vector<net::Prefix> observe_addresses(Socket& socket, std::uint32_t index, std::optional<std::uint32_t> netns,
                                           Scopes scopes) {
  Message message(RTM_GETADDR, 0);
  message.header<ifaddrmsg>().ifa_index = index;
  if (netns) message.put_u32(IFA_TARGET_NETNSID, *netns);
  std::vector<net::Prefix> addresses;
  const auto keep = [&](const nlmsghdr* reply) {
    const auto header = header_of<ifaddrmsg>(reply);
    if (index != 0 && header.ifa_index != index) return;  // kernels before 4.20 do not filter
    if (scopes == Scopes::wider_than_link && header.ifa_scope >= RT_SCOPE_LINK) return;
    const Attributes attributes(reply, sizeof(ifaddrmsg));
    // On point-to-point links IFA_ADDRESS is the peer's. Only IPv4 has IFA_LOCAL.
    const auto bytes = attributes.bytes(attributes.has(IFA_LOCAL) ? IFA_LOCAL : IFA_ADDRESS);
    if (bytes.size() != 4 && bytes.size() != 16) return;
    addresses.push_back({net::Address::from_bytes(bytes), header.ifa_prefixlen});
  };
  socket.dump(std::move(message), "list addresses", keep, [&] { addresses.clear(); });
  return addresses;
}

Request request(const NewAddress& change) {
  constexpr std::uint8_t kShortestWithoutBroadcast = 31;  // RFC 3021
  Message message = address_message(RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, change.index, change.address);
  if (change.address.address.is_v4() && change.address.length < kShortestWithoutBroadcast) {
    message.put(IFA_BROADCAST, change.address.last().bytes());
  }
  if (const std::uint32_t flags = flags_of(change); flags != 0) message.put_u32(IFA_FLAGS, flags);
  Request result{std::move(message),
                 "failed to add IP addr " + change.address.text() + " to \"" + change.link.text() + "\""};
  if (change.may_exist) result.accepted = {EEXIST};
  return result;
}

std::string text(const NewAddress& change) {
  std::string line = "ip address add " + change.address.text() + " dev " + change.link.text();
  if (!change.address.address.is_v4() && !change.detect_duplicates) line += " nodad";
  if (!change.connected_route) line += " noprefixroute";
  return line;
}

Request request(const DeleteAddress& change) {
  return {address_message(RTM_DELADDR, 0, change.index, change.address),
          "delete address " + change.address.text() + " from " + change.link.text(),
          {EADDRNOTAVAIL, ENODEV}};
}

std::string text(const DeleteAddress& change) {
  return "ip address delete " + change.address.text() + " dev " + change.link.text();
}

}  // namespace netlink

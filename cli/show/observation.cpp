#include "cli/show/observation.h"

#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>

#include <optional>

#include "lib/net/owner.h"
#include "lib/netlink/address.h"
#include "lib/netlink/attributes.h"
#include "lib/netlink/datagram.h"
#include "lib/nft/table.h"

namespace cli {
namespace {

// The kernel's number for the namespace of a veth pair's other end, as this namespace calls it (IFLA_LINK_NETNSID).
std::optional<std::uint32_t> namespace_of_peer(netlink::Socket& socket, std::uint32_t index) {
  netlink::Message message(RTM_GETLINK, 0);
  message.header<ifinfomsg>().ifi_index = static_cast<int>(index);
  std::optional<std::uint32_t> number;
  const auto keep = [&](const nlmsghdr* reply) {
    number = netlink::Attributes(reply, sizeof(ifinfomsg)).u32(IFLA_LINK_NETNSID);
  };
  socket.exchange({std::move(message), "look link " + std::to_string(index) + " up", {ENODEV}, keep});
  return number;
}

// Since Linux 4.20 a dump may speak of another namespace that has a number here (IFA_TARGET_NETNSID).
std::vector<net::Prefix> inner_addresses(netlink::Socket& socket, const netlink::Link& link) {
  const auto number = namespace_of_peer(socket, link.index);
  if (!number) return {};
  netlink::Message message(RTM_GETADDR, 0);
  message.header<ifaddrmsg>().ifa_index = link.peer;
  message.put_u32(IFA_TARGET_NETNSID, *number);
  std::vector<net::Prefix> addresses;
  const auto keep = [&](const nlmsghdr* reply) {
    const auto header = netlink::header_of<ifaddrmsg>(reply);
    const netlink::Attributes attributes(reply, sizeof(ifaddrmsg));
    const auto bytes = attributes.bytes(attributes.has(IFA_LOCAL) ? IFA_LOCAL : IFA_ADDRESS);
    if (header.ifa_index != link.peer || header.ifa_scope >= RT_SCOPE_LINK) return;
    if (bytes.size() == 4 || bytes.size() == 16) {
      addresses.push_back({net::Address::from_bytes(bytes), header.ifa_prefixlen});
    }
  };
  try {
    socket.dump(std::move(message), "list addresses", keep, [&] { addresses.clear(); });
  } catch (const std::system_error&) {
    return {};  // the namespace ended, or we may not look into it: its elements tell the addresses
  }
  return addresses;
}

void append(std::vector<nft::Element>& to, const nft::Table& table, const nft::Set& set) {
  for (nft::Element& element : table.list(set.name)) to.push_back(std::move(element));
}

}  // namespace

Observation observe() {
  Observation seen;
  netlink::Socket route(NETLINK_ROUTE);
  seen.links = netlink::observe_links(route);
  for (const netlink::Link& link : seen.links) {
    if (link.kind == "bridge") seen.bridge_addresses[link.index] = netlink::observe_addresses(route, link.index);
    if (link.kind != "veth" || !net::Owner::parse_alias(link.alias)) continue;
    seen.inner_addresses[link.index] = inner_addresses(route, link);
  }
  netlink::Socket netfilter(NETLINK_NETFILTER);
  const nft::Table table(netfilter);
  for (const net::Family family : {net::Family::v4, net::Family::v6}) {
    append(seen.owners, table, nft::owner_map(family));
    append(seen.published, table, nft::host_port_map(family));
    append(seen.published, table, nft::host_ip_map(family));
    append(seen.local, table, nft::local_set(family));
  }
  return seen;
}

}  // namespace cli

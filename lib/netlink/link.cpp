// SPDX-License-Identifier: Apache-2.0
#include "lib/netlink/link.h"

#include <linux/if.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <sys/random.h>

#include <cerrno>
#include <exception>

#include "lib/netlink/attributes.h"
#include "lib/netlink/datagram.h"
#include "lib/os/error.h"

namespace netlink {
namespace {

// IF_OPER_* of linux/if.h. A veth stays UNKNOWN until its driver reports a state; the bridge treats UNKNOWN as UP.
bool is_running(std::uint8_t operational) { return operational == IF_OPER_UP || operational == IF_OPER_UNKNOWN; }

void read_port(Link& link, const Attributes& port) {
  link.is_hairpin = port.u8(IFLA_BRPORT_MODE).value_or(0) != 0;
  link.is_isolated = port.u8(IFLA_BRPORT_ISOLATED).value_or(0) != 0;
}

Link parse_link(const nlmsghdr* message) {
  const auto info = header_of<ifinfomsg>(message);
  const Attributes attributes(message, sizeof(ifinfomsg));
  Link link;
  link.index = static_cast<std::uint32_t>(info.ifi_index);
  link.is_up = (info.ifi_flags & IFF_UP) != 0;
  link.is_promiscuous = (info.ifi_flags & IFF_PROMISC) != 0;
  link.is_all_multicast = (info.ifi_flags & IFF_ALLMULTI) != 0;
  link.is_running = is_running(attributes.u8(IFLA_OPERSTATE).value_or(IF_OPER_UNKNOWN));
  link.name = attributes.text(IFLA_IFNAME);
  link.alias = attributes.text(IFLA_IFALIAS);
  if (attributes.bytes(IFLA_ADDRESS).size() == 6) link.mac = net::Mac::from_bytes(attributes.bytes(IFLA_ADDRESS));
  link.mtu = attributes.u32(IFLA_MTU).value_or(0);
  link.tx_queue_length = attributes.u32(IFLA_TXQLEN).value_or(0);
  link.master = attributes.u32(IFLA_MASTER).value_or(0);
  link.peer = attributes.u32(IFLA_LINK).value_or(0);
  link.peer_netns = attributes.u32(IFLA_LINK_NETNSID);
  link.group = attributes.u32(IFLA_GROUP).value_or(0);
  if (const auto properties = attributes.nest(IFLA_PROP_LIST)) link.alt_names = properties->texts(IFLA_ALT_IFNAME);
  const auto linkinfo = attributes.nest(IFLA_LINKINFO);
  if (!linkinfo) return link;
  link.kind = linkinfo->text(IFLA_INFO_KIND);
  const auto data = linkinfo->bytes(IFLA_INFO_DATA);
  link.data.assign(data.begin(), data.end());
  if (linkinfo->text(IFLA_INFO_SLAVE_KIND) != "bridge") return link;
  if (const auto port = linkinfo->nest(IFLA_INFO_SLAVE_DATA)) read_port(link, *port);
  return link;
}

// Skips the counters, which are half of the reply and never read.
std::optional<Link> observe_one(Socket& socket, Message message, const std::string& what) {
  message.put_u32(IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS);
  std::optional<Link> result;
  socket.exchange(
      {std::move(message), what, {ENODEV}, [&](const nlmsghdr* reply) { result = parse_link(reply); }, true});
  return result;
}

Message list_links(std::uint32_t master) {
  Message message(RTM_GETLINK, 0);
  message.header<ifinfomsg>().ifi_family = AF_UNSPEC;
  if (master != 0) message.put_u32(IFLA_MASTER, master);
  return message;
}

// ifi_flags holds the values, ifi_change the mask of the bits to change.
void set_flag(ifinfomsg& info, unsigned flag, std::optional<bool> value) {
  if (!value) return;
  info.ifi_change |= flag;
  if (*value) info.ifi_flags |= flag;
}

template <class Change>
Message change_alt_name(std::uint16_t type, std::uint16_t flags, const Change& change) {
  Message message(type, flags);
  message.header<ifinfomsg>().ifi_family = AF_UNSPEC;
  message.put_text(IFLA_IFNAME, change.link.text());
  {
    const Message::Nest properties(message, IFLA_PROP_LIST);
    message.put_text(IFLA_ALT_IFNAME, change.alt_name);
  }
  return message;
}

}  // namespace

std::optional<Link> observe_link(Socket& socket, const net::IfName& name) {
  Message message(RTM_GETLINK, 0);
  message.header<ifinfomsg>().ifi_family = AF_UNSPEC;
  message.put_text(IFLA_IFNAME, name.text());
  return observe_one(socket, std::move(message), "look up link " + name.text());
}

std::optional<Link> observe_link(Socket& socket, std::uint32_t index) {
  Message message(RTM_GETLINK, 0);
  message.header<ifinfomsg>().ifi_index = static_cast<int>(index);
  return observe_one(socket, std::move(message), "look up link " + std::to_string(index));
}

std::optional<Link> observe_link_by_alt_name(Socket& socket, const std::string& alt_name) {
  Message message(RTM_GETLINK, 0);
  message.header<ifinfomsg>().ifi_family = AF_UNSPEC;
  message.put_text(IFLA_ALT_IFNAME, alt_name);
  return observe_one(socket, std::move(message), "look up link " + alt_name);
}

std::vector<Link> observe_links(Socket& socket, std::uint32_t master) {
  Message message = list_links(master);
  std::vector<Link> links;
  const auto keep = [&](const nlmsghdr* reply) {
    Link link = parse_link(reply);
    if (master == 0 || link.master == master) links.push_back(std::move(link));
  };
  socket.dump(std::move(message), "list links", keep, [&] { links.clear(); });
  return links;
}

bool has_port(std::uint32_t bridge, const std::function<bool(const Link&)>& matches) {
  // Aborts the dump at the first match; the kernel drops the rest when the socket is closed.
  struct Found : std::exception {};
  Socket socket(NETLINK_ROUTE);
  const auto look = [&](const nlmsghdr* reply) {
    const Link link = parse_link(reply);
    if (link.master == bridge && matches(link)) throw Found();
  };
  try {
    socket.dump(list_links(bridge), "look for a port", look, [] {});
  } catch (const Found&) {
    return true;
  }
  return false;
}

Request request(const SetLink& change) {
  Message message(RTM_SETLINK, 0);
  auto& info = message.header<ifinfomsg>();
  set_flag(info, IFF_UP, change.up);
  set_flag(info, IFF_PROMISC, change.promiscuous);
  set_flag(info, IFF_ALLMULTI, change.all_multicast);
  info.ifi_index = static_cast<int>(change.index);
  if (change.index == 0) message.put_text(IFLA_IFNAME, change.name.text());  // with an index it would be a new name
  if (change.index != 0 && change.new_name) message.put_text(IFLA_IFNAME, change.new_name->text());
  if (change.mac) message.put(IFLA_ADDRESS, change.mac->bytes);
  if (change.alias) message.put_text(IFLA_IFALIAS, *change.alias);
  if (change.mtu) message.put_u32(IFLA_MTU, *change.mtu);
  if (change.tx_queue_length) message.put_u32(IFLA_TXQLEN, *change.tx_queue_length);
  if (change.netns.fd >= 0) message.put_u32(IFLA_NET_NS_FD, static_cast<std::uint32_t>(change.netns.fd));
  return {std::move(message), "change link " + change.name.text() + " (" + text(change) + ")"};
}

std::string text(const SetLink& change) {
  std::string line = "ip link set dev " + change.name.text();
  if (change.netns.fd >= 0) line += " netns " + change.netns.path;
  if (change.new_name) line += " name " + change.new_name->text();
  if (change.mac) line += " address " + change.mac->text();
  if (change.alias) line += " alias " + *change.alias;
  if (change.mtu) line += " mtu " + std::to_string(*change.mtu);
  if (change.tx_queue_length) line += " txqueuelen " + std::to_string(*change.tx_queue_length);
  if (change.promiscuous) line += std::string(" promisc ") + (*change.promiscuous ? "on" : "off");
  if (change.all_multicast) line += std::string(" allmulticast ") + (*change.all_multicast ? "on" : "off");
  if (change.up) line += *change.up ? " up" : " down";
  return line;
}

Request request(const NewAltName& change) {
  Message message = change_alt_name(RTM_NEWLINKPROP, NLM_F_CREATE | NLM_F_EXCL | NLM_F_APPEND, change);
  return {std::move(message), "add alternative name " + change.alt_name + " to " + change.link.text(), {EOPNOTSUPP}};
}

std::string text(const NewAltName& change) {
  return "ip link property add dev " + change.link.text() + " altname " + change.alt_name;
}

Request request(const DeleteAltName& change) {
  Message message = change_alt_name(RTM_DELLINKPROP, 0, change);
  return {std::move(message), "delete alternative name " + change.alt_name + " of " + change.link.text(), {ENODEV}};
}

std::string text(const DeleteAltName& change) {
  return "ip link property del dev " + change.link.text() + " altname " + change.alt_name;
}

Request request(const DeleteLink& change) {
  Message message(RTM_DELLINK, 0);
  auto& header = message.header<ifinfomsg>();
  header.ifi_family = AF_UNSPEC;
  header.ifi_index = static_cast<int>(change.index);
  if (change.index == 0) message.put_text(IFLA_IFNAME, change.name.text());
  return {std::move(message), "delete link " + change.name.text(), {ENODEV}};
}

std::string text(const DeleteLink& change) { return "ip link delete dev " + change.name.text(); }

net::Mac random_mac() {
  net::Mac mac;
  if (::getrandom(mac.bytes.data(), mac.bytes.size(), 0) != static_cast<ssize_t>(mac.bytes.size())) {
    throw os::last_error("getrandom");
  }
  mac.bytes[0] = static_cast<std::uint8_t>((mac.bytes[0] & 0xfcU) | 0x02U);
  return mac;
}

}  // namespace netlink

// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/floor/links.h"

#include <linux/if.h>
#include <linux/if_bridge.h>
#include <linux/if_link.h>
#include <linux/ip.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "tests/bench/floor/batch.h"

namespace bench {
namespace {

int index_of(int socket, const char* name) {
  ifreq request{};
  std::strncpy(request.ifr_name, name, IFNAMSIZ - 1);
  if (::ioctl(socket, SIOCGIFINDEX, &request) != 0) fail(name);
  return request.ifr_ifindex;
}

void put_pair(Batch& batch, const FloorAttachment& attachment, int netns) {
  nlmsghdr* message = batch.message(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL);
  auto& info = batch.header<ifinfomsg>();
  info.ifi_flags = IFF_UP;
  info.ifi_change = IFF_UP;
  mnl_attr_put_strz(message, IFLA_IFNAME, attachment.host_end);
  mnl_attr_put_u32(message, IFLA_MASTER, attachment.link);
  mnl_attr_put_u32(message, IFLA_TXQLEN, 0);
  mnl_attr_put_u32(message, IFLA_NUM_TX_QUEUES, 1);
  nlattr* linkinfo = mnl_attr_nest_start(message, IFLA_LINKINFO);
  mnl_attr_put_strz(message, IFLA_INFO_KIND, "veth");
  nlattr* data = mnl_attr_nest_start(message, IFLA_INFO_DATA);
  nlattr* peer = mnl_attr_nest_start(message, VETH_INFO_PEER);
  mnl_nlmsg_put_extra_header(message, sizeof(ifinfomsg));
  mnl_attr_put_strz(message, IFLA_IFNAME, kFloorIfname);
  mnl_attr_put_u32(message, IFLA_NET_NS_FD, static_cast<std::uint32_t>(netns));
  mnl_attr_put_u32(message, IFLA_TXQLEN, 0);
  mnl_attr_put_u32(message, IFLA_NUM_TX_QUEUES, 1);
  mnl_attr_nest_end(message, peer);
  mnl_attr_nest_end(message, data);
  mnl_attr_nest_end(message, linkinfo);
  batch.finish();
}

// macvlan or ipvlan, down, with the settings of our plugins.
void put_on_parent(Batch& batch, const FloorAttachment& attachment, int netns) {
  nlmsghdr* message = batch.message(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL | NLM_F_ACK);
  batch.header<ifinfomsg>();
  mnl_attr_put_strz(message, IFLA_IFNAME, kFloorIfname);
  mnl_attr_put_u32(message, IFLA_LINK, attachment.link);
  mnl_attr_put_u32(message, IFLA_NET_NS_FD, static_cast<std::uint32_t>(netns));
  nlattr* linkinfo = mnl_attr_nest_start(message, IFLA_LINKINFO);
  mnl_attr_put_strz(message, IFLA_INFO_KIND, attachment.plugin);
  nlattr* data = mnl_attr_nest_start(message, IFLA_INFO_DATA);
  if (attachment.plugin[0] == 'm') {
    mnl_attr_put_u32(message, IFLA_MACVLAN_MODE, MACVLAN_MODE_BRIDGE);
  } else {
    mnl_attr_put_u16(message, IFLA_IPVLAN_MODE, IPVLAN_MODE_L2);
  }
  mnl_attr_nest_end(message, data);
  mnl_attr_nest_end(message, linkinfo);
  batch.finish();
}

// Attributes that the kernel accepts only for an existing link.
void put_port(Batch& batch, const FloorAttachment& attachment) {
  nlmsghdr* message = batch.message(RTM_NEWLINK, NLM_F_ACK);
  batch.header<ifinfomsg>();
  mnl_attr_put_strz(message, IFLA_IFNAME, attachment.host_end);
  mnl_attr_put_str(message, IFLA_IFALIAS, attachment.owner);
  nlattr* linkinfo = mnl_attr_nest_start(message, IFLA_LINKINFO);
  mnl_attr_put_strz(message, IFLA_INFO_SLAVE_KIND, "bridge");
  nlattr* port = mnl_attr_nest_start(message, IFLA_INFO_SLAVE_DATA);
  mnl_attr_put_u8(message, IFLA_BRPORT_MODE, 1);
  mnl_attr_nest_end(message, port);
  mnl_attr_nest_end(message, linkinfo);
  batch.finish();
}

// The alternative names that reserve a port's addresses.
void put_claims(Batch& batch, int socket, const FloorAttachment& attachment) {
  ifreq bridge{};
  bridge.ifr_ifindex = static_cast<int>(attachment.link);
  if (::ioctl(socket, SIOCGIFNAME, &bridge) != 0) fail("look the bridge up");
  nlmsghdr* message = batch.message(RTM_NEWLINKPROP, NLM_F_CREATE | NLM_F_EXCL | NLM_F_APPEND);
  batch.header<ifinfomsg>();
  mnl_attr_put_strz(message, IFLA_IFNAME, attachment.host_end);
  nlattr* properties = mnl_attr_nest_start(message, IFLA_PROP_LIST);
  for (const FloorAddress& address : attachment.addresses) {
    char name[128];
    if (address.family == 0) continue;
    std::snprintf(name, sizeof name, "%s@%s", address.text, bridge.ifr_name);
    mnl_attr_put_strz(message, IFLA_ALT_IFNAME, name);
  }
  mnl_attr_nest_end(message, properties);
  batch.finish();
}

// arp_notify can be set by netlink, without a file in /proc/sys.
void put_announcement(Batch& batch, int index) {
  nlmsghdr* message = batch.message(RTM_SETLINK, 0);
  batch.header<ifinfomsg>().ifi_index = index;
  nlattr* families = mnl_attr_nest_start(message, IFLA_AF_SPEC);
  nlattr* family = mnl_attr_nest_start(message, AF_INET);
  nlattr* settings = mnl_attr_nest_start(message, IFLA_INET_CONF);
  mnl_attr_put_u32(message, IPV4_DEVCONF_ARP_NOTIFY, 1);
  mnl_attr_nest_end(message, settings);
  mnl_attr_nest_end(message, family);
  mnl_attr_nest_end(message, families);
  batch.finish();
}

void put_address(Batch& batch, int index, const FloorAddress& address) {
  nlmsghdr* message = batch.message(RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL);
  auto& info = batch.header<ifaddrmsg>();
  info.ifa_family = static_cast<std::uint8_t>(address.family);
  info.ifa_prefixlen = address.length;
  info.ifa_index = static_cast<std::uint32_t>(index);
  mnl_attr_put(message, IFA_LOCAL, address.size(), address.bytes);
  mnl_attr_put(message, IFA_ADDRESS, address.size(), address.bytes);
  if (address.family == AF_INET) {
    std::uint8_t broadcast[4];
    for (int bit = 0; bit < 32; ++bit) {
      const int byte = bit / 8;
      if (bit % 8 == 0) broadcast[byte] = address.bytes[byte];
      if (bit >= address.length) broadcast[byte] = static_cast<std::uint8_t>(broadcast[byte] | (0x80 >> (bit % 8)));
    }
    mnl_attr_put(message, IFA_BROADCAST, sizeof broadcast, broadcast);
  } else {
    mnl_attr_put_u32(message, IFA_FLAGS, IFA_F_NODAD);
  }
  batch.finish();
}

void put_up(Batch& batch, const FloorAttachment& attachment, int index) {
  nlmsghdr* message = batch.message(RTM_NEWLINK, 0);
  auto& info = batch.header<ifinfomsg>();
  info.ifi_index = index;
  info.ifi_flags = IFF_UP;
  info.ifi_change = IFF_UP;
  if (!attachment.has_bridge()) mnl_attr_put_str(message, IFLA_IFALIAS, attachment.owner);
  batch.finish();
}

void put_default_route(Batch& batch, int index, const FloorAddress& address, bool is_last) {
  nlmsghdr* message =
      batch.message(RTM_NEWROUTE, static_cast<std::uint16_t>(NLM_F_CREATE | NLM_F_EXCL | (is_last ? NLM_F_ACK : 0)));
  auto& info = batch.header<rtmsg>();
  info.rtm_family = static_cast<std::uint8_t>(address.family);
  info.rtm_table = RT_TABLE_MAIN;
  info.rtm_protocol = RTPROT_BOOT;
  info.rtm_type = RTN_UNICAST;
  mnl_attr_put(message, RTA_GATEWAY, address.size(), address.gateway);
  mnl_attr_put_u32(message, RTA_OIF, static_cast<std::uint32_t>(index));
  batch.finish();
}

// The link that DEL deletes: the host end, or the container's interface.
const char* deleted(const FloorAttachment& attachment) {
  return attachment.has_bridge() ? attachment.host_end : kFloorIfname;
}

bool is_deletion_of(const nlmsghdr* message, const char* name) {
  if (message->nlmsg_type != RTM_DELLINK) return false;
  const auto* info = static_cast<const ifinfomsg*>(mnl_nlmsg_get_payload(message));
  if (info->ifi_family != AF_UNSPEC) return false;  // the bridge's earlier message about its port
  const auto* attribute = static_cast<const nlattr*>(mnl_nlmsg_get_payload_offset(message, sizeof(ifinfomsg)));
  const auto* end = static_cast<const char*>(mnl_nlmsg_get_payload_tail(message));
  for (; mnl_attr_ok(attribute, static_cast<int>(end - reinterpret_cast<const char*>(attribute)));
       attribute = mnl_attr_next(attribute)) {
    if (mnl_attr_get_type(attribute) == IFLA_IFNAME) return std::strcmp(mnl_attr_get_str(attribute), name) == 0;
  }
  return false;
}

}  // namespace

void create_pair(int socket, const FloorAttachment& attachment, int netns) {
  Batch batch;
  put_pair(batch, attachment, netns);
  put_claims(batch, socket, attachment);
  put_port(batch, attachment);
  batch.send(socket, "create the veth pair");
}

void create_on_parent(int socket, const FloorAttachment& attachment, int netns) {
  Batch batch;
  put_on_parent(batch, attachment, netns);
  batch.send(socket, "create the link");
}

void configure_container(int socket, const FloorAttachment& attachment) {
  Batch batch;
  const int index = index_of(socket, kFloorIfname);
  const bool has_two = attachment.addresses[1].family != 0;
  put_announcement(batch, index);
  for (const FloorAddress& address : attachment.addresses) {
    if (address.family != 0) put_address(batch, index, address);
  }
  put_up(batch, attachment, index);
  put_default_route(batch, index, attachment.addresses[0], !has_two);
  if (has_two) put_default_route(batch, index, attachment.addresses[1], true);
  batch.send(socket, "configure the container");
}

void delete_link(int socket, const FloorAttachment& attachment) {
  Batch batch;
  nlmsghdr* message = batch.message(RTM_DELLINK, NLM_F_ACK);
  batch.header<ifinfomsg>();
  mnl_attr_put_strz(message, IFLA_IFNAME, deleted(attachment));
  batch.finish();
  batch.send(socket, "delete the link");
}

int listen_to_links() {
  const int listener = netlink_socket(NETLINK_ROUTE);
  sockaddr_nl self{};
  self.nl_family = AF_NETLINK;
  self.nl_groups = RTMGRP_LINK;
  if (::bind(listener, reinterpret_cast<sockaddr*>(&self), sizeof self) != 0) fail("listen to links");
  return listener;
}

bool wait_for_deletion(int listener, const FloorAttachment& attachment) {
  for (;;) {
    alignas(nlmsghdr) char bytes[16U << 10U];
    const ssize_t got = ::recv(listener, bytes, sizeof bytes, 0);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return false;
    int left = static_cast<int>(got);
    for (const auto* message = reinterpret_cast<const nlmsghdr*>(bytes); mnl_nlmsg_ok(message, left);
         message = mnl_nlmsg_next(message, &left)) {
      if (is_deletion_of(message, deleted(attachment))) return true;
    }
  }
}

}  // namespace bench

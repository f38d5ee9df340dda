// SPDX-License-Identifier: Apache-2.0
#include <arpa/inet.h>
#include <linux/fib_rules.h>
#include <linux/if.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>

#include <algorithm>
#include <array>
#include <map>
#include <vector>

#include "tests/faults/facts.h"

namespace faults {
namespace {

template <std::size_t Count>
bool is_among(const std::array<int, Count>& some, int type) {
  return std::find(some.begin(), some.end(), type) != some.end();
}

constexpr int kBridgeLearned = 48;  // IFLA_BR_FDB_N_LEARNED, since Linux 6.7: the number of learned MAC addresses

// Timers, counters and the state of the spanning tree.
constexpr std::array<int, 12> kOfBridge{
    IFLA_BR_ROOT_ID,        IFLA_BR_BRIDGE_ID,       IFLA_BR_ROOT_PORT,
    IFLA_BR_ROOT_PATH_COST, IFLA_BR_TOPOLOGY_CHANGE, IFLA_BR_TOPOLOGY_CHANGE_DETECTED,
    IFLA_BR_HELLO_TIMER,    IFLA_BR_TCN_TIMER,       IFLA_BR_TOPOLOGY_CHANGE_TIMER,
    IFLA_BR_GC_TIMER,       IFLA_BR_MULTI_BOOLOPT,   kBridgeLearned};
constexpr std::array<int, 11> kOfPort{IFLA_BRPORT_MODE,       IFLA_BRPORT_GUARD,       IFLA_BRPORT_PROTECT,
                                      IFLA_BRPORT_FAST_LEAVE, IFLA_BRPORT_LEARNING,    IFLA_BRPORT_UNICAST_FLOOD,
                                      IFLA_BRPORT_PROXYARP,   IFLA_BRPORT_MCAST_FLOOD, IFLA_BRPORT_BCAST_FLOOD,
                                      IFLA_BRPORT_ISOLATED,   IFLA_BRPORT_LOCKED};

struct LinkSeen {
  std::string name;
  std::string kind;
  std::string settings;
  std::string mac;
  int master = 0;
  unsigned flags = 0;
};

void add(std::string& text, const char* what, const std::string& value) {
  text += std::string(" ") + what + "=" + value;
}

void read_details(const nlattr* details, LinkSeen& link) {
  std::string data;
  for (const nlattr* one : nested(details)) {
    const int type = mnl_attr_get_type(one);
    if (type == IFLA_INFO_KIND) link.kind = mnl_attr_get_str(one);
    if (type != IFLA_INFO_DATA && type != IFLA_INFO_SLAVE_DATA) continue;
    for (const nlattr* detail : nested(one)) {
      const int which = mnl_attr_get_type(detail);
      const bool counts = type == IFLA_INFO_DATA ? !is_among(kOfBridge, which) : is_among(kOfPort, which);
      if (counts) data += (data.empty() ? "" : ",") + std::to_string(which) + ":" + printable(detail);
    }
  }
  if (!data.empty()) add(link.settings, "data", data);
}

// An array of 32-bit values. The first one, "forwarding", is left out: it follows the host's (observe_forwarding).
std::string settings_text(const nlattr* attribute) {
  const auto* values = static_cast<const std::uint32_t*>(mnl_attr_get_payload(attribute));
  std::string text;
  for (std::size_t i = 1; i < mnl_attr_get_payload_len(attribute) / sizeof *values; ++i) {
    text += (text.empty() ? "" : ",") + std::to_string(static_cast<std::int32_t>(values[i]));
  }
  return text;
}

// The interface's sysctls, which the kernel reports with the link.
void read_sysctls(const nlattr* families, LinkSeen& link) {
  for (const nlattr* family : nested(families)) {
    for (const nlattr* one : nested(family)) {
      const int type = mnl_attr_get_type(one);
      if (mnl_attr_get_type(family) == AF_INET && type == IFLA_INET_CONF)
        add(link.settings, "inet", settings_text(one));
      if (mnl_attr_get_type(family) == AF_INET6 && type == IFLA_INET6_CONF)
        add(link.settings, "inet6", settings_text(one));
    }
  }
}

LinkSeen read_link(const nlmsghdr* message) {
  LinkSeen link;
  const auto* header = static_cast<const ifinfomsg*>(mnl_nlmsg_get_payload(message));
  link.flags = header->ifi_flags & (IFF_UP | IFF_NOARP | IFF_PROMISC | IFF_ALLMULTI);
  for (const nlattr* one : attributes(message, sizeof(ifinfomsg))) {
    switch (mnl_attr_get_type(one)) {
      case IFLA_IFNAME: link.name = mnl_attr_get_str(one); break;
      case IFLA_ADDRESS: link.mac = hexadecimal(mnl_attr_get_payload(one), mnl_attr_get_payload_len(one)); break;
      case IFLA_MASTER: link.master = static_cast<int>(mnl_attr_get_u32(one)); break;
      case IFLA_MTU: add(link.settings, "mtu", std::to_string(mnl_attr_get_u32(one))); break;
      case IFLA_GROUP: add(link.settings, "group", std::to_string(mnl_attr_get_u32(one))); break;
      case IFLA_IFALIAS: add(link.settings, "alias", printable(one)); break;
      case IFLA_PROP_LIST:
        for (const nlattr* name : nested(one)) add(link.settings, "altname", printable(name));
        break;
      case IFLA_LINKINFO: read_details(one, link); break;
      case IFLA_AF_SPEC: read_sysctls(one, link); break;
      default: break;
    }
  }
  return link;
}

std::map<int, LinkSeen> read_links(Dump& route) {
  std::map<int, LinkSeen> links;
  const ifinfomsg header{};
  route.read(RTM_GETLINK, {reinterpret_cast<const char*>(&header), sizeof header}, {}, [&](const nlmsghdr* message) {
    const auto* found = static_cast<const ifinfomsg*>(mnl_nlmsg_get_payload(message));
    links[found->ifi_index] = read_link(message);
  });
  return links;
}

std::string name_of(const std::map<int, LinkSeen>& links, int index) {
  const auto found = links.find(index);
  return found == links.end() ? "?" : found->second.name;
}

std::string address_text(int family, const nlattr* attribute) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  ::inet_ntop(family, mnl_attr_get_payload(attribute), text.data(), text.size());
  return text.data();
}

bool depends_on_carrier(const std::string& address) {
  return address.starts_with("fe80:") || address.starts_with("ff00:");
}

void observe_addresses(Dump& route, const std::map<int, LinkSeen>& links, const std::string& netns, Facts& facts) {
  const ifaddrmsg all{};
  route.read(RTM_GETADDR, {reinterpret_cast<const char*>(&all), sizeof all}, {}, [&](const nlmsghdr* message) {
    const auto* header = static_cast<const ifaddrmsg*>(mnl_nlmsg_get_payload(message));
    std::string address;
    unsigned flags = header->ifa_flags;
    for (const nlattr* one : attributes(message, sizeof(ifaddrmsg))) {
      const int type = mnl_attr_get_type(one);
      if (type == IFA_LOCAL || (type == IFA_ADDRESS && address.empty()))
        address = address_text(header->ifa_family, one);
      if (type == IFA_FLAGS) flags = mnl_attr_get_u32(one);
    }
    if (depends_on_carrier(address)) return;
    facts.insert("address " + netns + " " + name_of(links, static_cast<int>(header->ifa_index)) + " " + address + "/" +
                 std::to_string(header->ifa_prefixlen) + " scope=" + std::to_string(header->ifa_scope) +
                 " flags=" + std::to_string(flags));
  });
}

}  // namespace

void observe_links(Dump& route, const std::string& netns, Facts& facts) {
  const std::map<int, LinkSeen> links = read_links(route);
  for (const auto& [index, link] : links) {
    std::string line = "link " + netns + " " + link.name + " kind=" + link.kind;
    if (link.master != 0) add(line, "master", name_of(links, link.master));
    if (link.kind == "bridge") add(line, "mac", link.mac);  // it never changes
    add(line, "flags", std::to_string(link.flags));
    facts.insert(line + link.settings);
  }
  observe_addresses(route, links, netns, facts);
}

void observe_routes(Dump& route, const std::string& netns, Facts& facts) {
  const std::map<int, LinkSeen> links = read_links(route);
  for (const int family : {AF_INET, AF_INET6}) {
    rtmsg all{};
    all.rtm_family = static_cast<unsigned char>(family);
    route.read(RTM_GETROUTE, {reinterpret_cast<const char*>(&all), sizeof all}, {}, [&](const nlmsghdr* message) {
      const auto* header = static_cast<const rtmsg*>(mnl_nlmsg_get_payload(message));
      std::string dst = "default";
      std::string line;
      for (const nlattr* one : attributes(message, sizeof(rtmsg))) {
        const int type = mnl_attr_get_type(one);
        if (type == RTA_DST) dst = address_text(family, one);
        if (type == RTA_GATEWAY) add(line, "via", address_text(family, one));
        if (type == RTA_PREFSRC) add(line, "src", address_text(family, one));
        if (type == RTA_OIF) add(line, "dev", name_of(links, static_cast<int>(mnl_attr_get_u32(one))));
        if (type == RTA_TABLE) add(line, "table", std::to_string(mnl_attr_get_u32(one)));
        if (type == RTA_PRIORITY) add(line, "metric", std::to_string(mnl_attr_get_u32(one)));
      }
      if (depends_on_carrier(dst)) return;
      facts.insert("route " + netns + " " + dst + "/" + std::to_string(header->rtm_dst_len) + line +
                   " scope=" + std::to_string(header->rtm_scope) + " proto=" + std::to_string(header->rtm_protocol) +
                   " type=" + std::to_string(header->rtm_type));
    });
    fib_rule_hdr rules{};
    rules.family = static_cast<unsigned char>(family);
    route.read(RTM_GETRULE, {reinterpret_cast<const char*>(&rules), sizeof rules}, {}, [&](const nlmsghdr* message) {
      facts.insert("rule " + netns + " " +
                   hexadecimal(mnl_nlmsg_get_payload(message), mnl_nlmsg_get_payload_len(message)));
    });
  }
}

}  // namespace faults

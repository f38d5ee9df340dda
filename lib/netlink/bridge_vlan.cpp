// SPDX-License-Identifier: Apache-2.0
#include "lib/netlink/bridge_vlan.h"

#include <linux/if_bridge.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <optional>

#include "lib/netlink/attributes.h"
#include "lib/netlink/datagram.h"

namespace netlink {
namespace {

constexpr std::size_t kLargest = 36864;  // bytes; each single VLAN takes 8, plus headers
constexpr std::size_t kIds = 4095;

using Marks = std::array<std::optional<PortVlan>, kIds>;

std::optional<PortVlan> parse_entry(const Attributes& entry) {
  bridge_vlan_info info{};
  const auto bytes = entry.bytes(BRIDGE_VLANDB_ENTRY_INFO);
  if (bytes.size() < sizeof info) return std::nullopt;
  std::memcpy(&info, bytes.data(), sizeof info);
  const auto first = net::VlanId::from(info.vid);
  const auto last = net::VlanId::from(entry.u16(BRIDGE_VLANDB_ENTRY_RANGE).value_or(info.vid));
  if (!first || !last || *last < *first) return std::nullopt;
  return PortVlan{
      {*first, *last}, (info.flags & BRIDGE_VLAN_INFO_PVID) != 0, (info.flags & BRIDGE_VLAN_INFO_UNTAGGED) != 0};
}

// A message describes one port, with an attribute of the same type for each range.
void collect(const nlmsghdr* reply, std::map<std::uint32_t, std::vector<PortVlan>>& into) {
  if (mnl_nlmsg_get_payload_len(reply) < sizeof(br_vlan_msg)) return;
  const auto port = header_of<br_vlan_msg>(reply);
  for (const auto* attribute = static_cast<const nlattr*>(mnl_nlmsg_get_payload_offset(reply, sizeof(br_vlan_msg)));
       mnl_attr_ok(attribute, static_cast<int>(static_cast<const char*>(mnl_nlmsg_get_payload_tail(reply)) -
                                               reinterpret_cast<const char*>(attribute)));
       attribute = mnl_attr_next(attribute)) {
    if (mnl_attr_get_type(attribute) != BRIDGE_VLANDB_ENTRY) continue;
    const auto vlan = parse_entry(Attributes(attribute));
    if (vlan) into[port.ifindex].push_back(*vlan);
  }
}

std::map<std::uint32_t, std::vector<PortVlan>> list(Socket& socket, std::uint32_t index) {
  // RTM_GETLINK of AF_BRIDGE would list all ports of the host and ignore the index.
  Message message(RTM_GETVLAN, 0);
  auto& header = message.header<br_vlan_msg>();
  header.family = AF_BRIDGE;
  header.ifindex = index;
  std::map<std::uint32_t, std::vector<PortVlan>> found;
  socket.dump(
      std::move(message), "list the VLANs of bridge ports", [&](const nlmsghdr* reply) { collect(reply, found); },
      [&] { found.clear(); });
  for (auto& [port, vlans] : found) vlans = normalized(vlans);
  return found;
}

void put_info(Message& message, net::VlanId id, unsigned flags) {
  const bridge_vlan_info info{static_cast<std::uint16_t>(flags), id.value()};
  std::array<std::uint8_t, sizeof info> bytes{};
  std::memcpy(bytes.data(), &info, sizeof info);
  message.put(IFLA_BRIDGE_VLAN_INFO, bytes);
}

// Without IFLA_BRIDGE_FLAGS the message goes to the bridge, not to the port's driver.
Message vlan_message(std::uint16_t type, std::uint32_t index, const std::vector<PortVlan>& vlans) {
  Message message(type, 0, kLargest);
  auto& header = message.header<ifinfomsg>();
  header.ifi_family = AF_BRIDGE;
  header.ifi_index = static_cast<int>(index);
  const Message::Nest spec(message, IFLA_AF_SPEC);
  for (const PortVlan& vlan : vlans) {
    unsigned flags = vlan.is_pvid ? BRIDGE_VLAN_INFO_PVID : 0U;
    if (vlan.is_untagged) flags |= BRIDGE_VLAN_INFO_UNTAGGED;
    if (vlan.ids.first == vlan.ids.last) {
      put_info(message, vlan.ids.first, flags);
    } else {
      put_info(message, vlan.ids.first, flags | BRIDGE_VLAN_INFO_RANGE_BEGIN);
      put_info(message, vlan.ids.last, flags | BRIDGE_VLAN_INFO_RANGE_END);
    }
  }
  return message;
}

std::string lines(const std::string& verb, const net::IfName& port, const std::vector<PortVlan>& vlans,
                  bool with_marks) {
  std::string result;
  for (const PortVlan& vlan : vlans) {
    if (!result.empty()) result += "; ";
    result += "bridge vlan " + verb + " dev " + port.text() + " vid " + (with_marks ? text(vlan) : vlan.ids.text());
  }
  return result;
}

}  // namespace

std::string text(const PortVlan& vlan) {
  return vlan.ids.text() + (vlan.is_pvid ? " pvid" : "") + (vlan.is_untagged ? " untagged" : "");
}

std::string text(const std::vector<PortVlan>& vlans) {
  std::string result;
  for (const PortVlan& vlan : vlans) result += (result.empty() ? "" : ", ") + text(vlan);
  return result.empty() ? "none" : result;
}

std::vector<PortVlan> normalized(const std::vector<PortVlan>& vlans) {
  Marks marks;
  for (const PortVlan& vlan : vlans) {
    for (std::size_t id = vlan.ids.first.value(); id <= vlan.ids.last.value(); ++id) {
      if (!marks.at(id)) marks.at(id) = vlan;
    }
  }
  std::vector<PortVlan> result;
  for (std::size_t id = 1; id < kIds; ++id) {
    if (!marks.at(id)) continue;
    PortVlan one = *marks.at(id);
    one.ids.first = one.ids.last = *net::VlanId::from(static_cast<std::int64_t>(id));
    const bool is_adjacent = !result.empty() && result.back().ids.last.value() + 1U == id && !one.is_pvid &&
                             !result.back().is_pvid && result.back().is_untagged == one.is_untagged;
    if (is_adjacent) {
      result.back().ids.last = one.ids.last;
    } else {
      result.push_back(one);
    }
  }
  return result;
}

std::vector<PortVlan> observe_vlans(Socket& socket, std::uint32_t index) {
  try {
    return list(socket, index)[index];
  } catch (const std::system_error& error) {
    const int code = error.code().value();
    if (code != ENODEV && code != EINVAL && code != EOPNOTSUPP) throw;
    return {};
  }
}

std::map<std::uint32_t, std::vector<PortVlan>> observe_vlans(Socket& socket) { return list(socket, 0); }

bool can_filter_vlans(Socket& socket) {
  constexpr std::uint32_t kLoopback = 1;  // not a port: EINVAL if the kernel supports the request
  try {
    list(socket, kLoopback);
  } catch (const std::system_error& error) {
    return error.code().value() != EOPNOTSUPP;
  }
  return true;
}

Request request(const AddVlans& change) {
  return {vlan_message(RTM_SETLINK, change.index, change.vlans),
          "failed to setup vlan tag on interface \"" + change.port.text() + "\" (" + text(change.vlans) + ")"};
}

std::string text(const AddVlans& change) { return lines("add", change.port, change.vlans, true); }

Request request(const DeleteVlans& change) {
  return {vlan_message(RTM_DELLINK, change.index, change.vlans),
          "failed to remove default vlan on interface \"" + change.port.text() + "\"",
          {ENODEV}};
}

std::string text(const DeleteVlans& change) { return lines("del", change.port, change.vlans, false); }

Request request(const SetVlanFiltering& change) {
  Message message(RTM_NEWLINK, 0);
  message.header<ifinfomsg>().ifi_family = AF_UNSPEC;
  message.put_text(IFLA_IFNAME, change.bridge.text());
  {
    const Message::Nest linkinfo(message, IFLA_LINKINFO);
    message.put_text(IFLA_INFO_KIND, "bridge");
    const Message::Nest data(message, IFLA_INFO_DATA);
    message.put_u8(IFLA_BR_VLAN_FILTERING, change.on ? 1 : 0);
  }
  return {std::move(message),
          (change.on ? "enable" : "disable") + std::string(" VLAN filtering of bridge ") + change.bridge.text()};
}

std::string text(const SetVlanFiltering& change) {
  return "ip link set dev " + change.bridge.text() + " type bridge vlan_filtering " + (change.on ? "1" : "0");
}

}  // namespace netlink

// SPDX-License-Identifier: Apache-2.0
#include "lib/netlink/link_group.h"

#include <linux/rtnetlink.h>
#include <sys/random.h>

#include <algorithm>
#include <cerrno>

#include "lib/os/error.h"

namespace netlink {

Request request(const SetGroup& change) {
  Message message(RTM_SETLINK, 0);
  message.header<ifinfomsg>().ifi_index = static_cast<int>(change.index);
  message.put_u32(IFLA_GROUP, change.group);
  return {std::move(message), text(change), {ENODEV}};
}

std::string text(const SetGroup& change) {
  return "ip link set dev " + change.name.text() + " group " + std::to_string(change.group);
}

Request request(const DeleteGroup& change) {
  Message message(RTM_DELLINK, 0);
  message.header<ifinfomsg>().ifi_family = AF_UNSPEC;
  message.put_u32(IFLA_GROUP, change.group);
  return {std::move(message), text(change), {ENODEV}};
}

std::string text(const DeleteGroup& change) { return "ip link delete group " + std::to_string(change.group); }

std::uint32_t unused_group(std::span<const Link> links) {
  constexpr std::uint32_t kLargest = 0x7fffffff;  // ip(8) reads groups as signed numbers
  for (;;) {
    std::uint32_t group = 0;
    if (::getrandom(&group, sizeof group, 0) != sizeof group) throw os::last_error("getrandom");
    group &= kLargest;
    const auto is_in = [group](const Link& link) { return link.group == group; };
    if (group != 0 && std::none_of(links.begin(), links.end(), is_in)) return group;
  }
}

}  // namespace netlink

// SPDX-License-Identifier: Apache-2.0
// The macvlan plugin: an interface with its own MAC address in the network of its parent link. Keys:
// docs/plugins/macvlan.md.

#include "lib/attachment/single/single.h"

namespace macvlan {
namespace {

constexpr std::int64_t kLongestQueue = 0xffffffff;  // IFLA_MACVLAN_BC_QUEUE_LEN is a u32

attachment::Wanted parse(const cni::Request& request) {
  const cni::Fields fields = request.fields();
  netlink::Macvlan macvlan;
  if (const std::string mode = fields.text_or("mode", ""); !mode.empty()) {
    const auto known = netlink::parse_macvlan_mode(mode);
    if (!known) {
      throw cni::Error(cni::kBadConfiguration, "unknown macvlan mode: \"" + mode + "\"",
                       "mode: allowed: bridge, private, vepa, passthru");
    }
    macvlan.mode = *known;
  }
  macvlan.broadcast_queue = static_cast<std::uint32_t>(fields.number("bcqueuelen", 0, kLongestQueue).value_or(0));
  attachment::Wanted wanted{.kind = macvlan, .parent = attachment::parse_parent(fields)};
  wanted.mtu = attachment::parse_mtu(fields, 0);
  wanted.has_host_access = attachment::parse_host_access(fields);
  if (wanted.has_host_access && macvlan.mode != netlink::Macvlan::Mode::bridge) {
    throw fields.error("hostAccess", "false with mode " + text(macvlan.mode) +
                                         ": only links of mode bridge reach each other on the host");
  }
  wanted.queues = attachment::parse_queues(fields);
  wanted.mac = attachment::parse_mac_or_key(request);
  wanted.dns = attachment::parse_dns(fields);
  return wanted;
}

void compare(plan::Differences& differences, plan::Kernel& /*kernel*/, const attachment::Wanted& wanted,
             const netlink::Link& found) {
  const auto mode = netlink::parse_macvlan(found).mode;
  const auto expected = std::get<netlink::Macvlan>(wanted.kind).mode;
  if (mode == expected) return;
  differences.add("container macvlan mode " + text(mode) + " does not match expected value: " + text(expected));
}

}  // namespace

const cni::Plugin& plugin() {
  static const attachment::Single single{.name = "macvlan", .parse = parse, .compare = compare};
  static const cni::Plugin instance = attachment::plugin_of(single);
  return instance;
}

}  // namespace macvlan

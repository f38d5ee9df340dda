// SPDX-License-Identifier: Apache-2.0
// The vlan plugin: an interface in one VLAN of its parent link. Keys: docs/plugins/vlan.md.

#include "lib/attachment/single/single.h"

namespace vlan {
namespace {

constexpr std::int64_t kLargestId = 4094;  // 4095 is reserved (IEEE 802.1Q)

attachment::Wanted parse(const cni::Request& request) {
  const cni::Fields fields = request.fields();
  const attachment::Parent parent = attachment::parse_parent(fields);
  if (!parent.name) {
    throw cni::Error(cni::kBadConfiguration,
                     "\"master\" field is required. It specifies the host interface name to create the VLAN for",
                     "master: the name of a link");
  }
  const netlink::Vlan vlan{static_cast<std::uint16_t>(fields.number("vlanId", 0, kLargestId).value_or(0))};
  attachment::Wanted wanted{.kind = vlan, .parent = parent};
  wanted.mtu = attachment::parse_mtu(fields, 0);
  wanted.queues = attachment::parse_queues(fields);
  wanted.dns = attachment::parse_dns(fields);
  return wanted;
}

void compare(plan::Differences& differences, plan::Kernel& /*kernel*/, const attachment::Wanted& wanted,
             const netlink::Link& found) {
  differences.expect("VLAN of interface " + found.name, std::to_string(std::get<netlink::Vlan>(wanted.kind).id),
                     std::to_string(netlink::parse_vlan(found).id));
}

}  // namespace

const cni::Plugin& plugin() {
  static const attachment::Single single{
      .name = "vlan", .parse = parse, .needs_ipam = "no plugin name provided", .compare = compare};
  static const cni::Plugin instance = attachment::plugin_of(single);
  return instance;
}

}  // namespace vlan

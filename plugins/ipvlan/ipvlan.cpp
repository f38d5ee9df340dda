// SPDX-License-Identifier: Apache-2.0
// The ipvlan plugin: an interface that shares the MAC address of its parent link and is identified by its IP addresses.
// Keys: docs/plugins/ipvlan.md.

#include "lib/attachment/chained/previous.h"
#include "lib/attachment/single/single.h"

namespace ipvlan {
namespace {

// In a chain: the interface that the previous plugin created.
net::IfName parse_chained_parent(const cni::Result& previous) {
  if (previous.interfaces.size() == 1 && net::IfName::flaw(previous.interfaces[0].name).empty()) {
    return net::IfName(previous.interfaces[0].name);
  }
  throw cni::Error(cni::kBadConfiguration, "chained master failure. PrevResult lacks a single named interface",
                   "name the link to use with the key \"master\"");
}

attachment::Wanted parse(const cni::Request& request) {
  const cni::Fields fields = request.fields();
  netlink::Ipvlan ipvlan;
  if (const std::string mode = fields.text_or("mode", ""); !mode.empty()) {
    const auto known = netlink::parse_ipvlan_mode(mode);
    if (!known) {
      throw cni::Error(cni::kBadConfiguration, "unknown ipvlan mode: \"" + mode + "\"", "mode: allowed: l2, l3, l3s");
    }
    ipvlan.mode = *known;
  }
  attachment::Wanted wanted{.kind = ipvlan, .parent = attachment::parse_parent(fields)};
  if (!wanted.parent->name && request.verb == cni::Verb::add) {
    if (const auto previous = request.previous_result()) wanted.parent->name = parse_chained_parent(*previous);
  }
  wanted.mtu = attachment::parse_mtu(fields);
  wanted.dns = attachment::parse_dns(fields);
  return wanted;
}

void compare(plan::Differences& differences, const attachment::Wanted& wanted, const netlink::Link& found) {
  const auto mode = netlink::parse_ipvlan(found).mode;
  const auto expected = std::get<netlink::Ipvlan>(wanted.kind).mode;
  if (mode == expected) return;
  differences.add("Container IPVlan mode " + text(mode) + " does not match expected value: " + text(expected));
}

}  // namespace

const cni::Plugin& plugin() {
  static const attachment::Single single{.name = "ipvlan", .parse = parse, .adopts_previous = true, .compare = compare};
  static const cni::Plugin instance = attachment::plugin_of(single);
  return instance;
}

}  // namespace ipvlan

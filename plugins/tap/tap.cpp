// SPDX-License-Identifier: Apache-2.0
// The tap plugin: a persistent TAP link in the container, for a virtual machine. Keys: docs/plugins/tap.md.

#include "lib/attachment/single/single.h"
#include "lib/log/log.h"

namespace tap {
namespace {

constexpr std::int64_t kLargestId = 0xfffffffe;  // 4294967295 is no uid (credentials(7))

std::optional<std::uint32_t> parse_id(const cni::Fields& fields, std::string_view key) {
  const auto number = fields.number(key, 0, kLargestId);
  return number ? std::optional(static_cast<std::uint32_t>(*number)) : std::nullopt;
}

attachment::Wanted parse(const cni::Request& request) {
  const cni::Fields fields = request.fields();
  const netlink::Tap tap{fields.flag("multiQueue"), parse_id(fields, "owner"), parse_id(fields, "group")};
  attachment::Wanted wanted{.kind = tap};
  wanted.mtu = attachment::parse_mtu(fields);
  wanted.mac = attachment::parse_mac_or_key(request);
  wanted.dns = attachment::parse_dns(fields);
  wanted.selinux_context = fields.text_or("selinuxContext", "");
  wanted.bridge = attachment::parse_link_name(fields, "bridge");
  return wanted;
}

// Everything that may be missing is looked up before the link is created.
void create(plan::Kernel& kernel, const attachment::Wanted& wanted, const net::IfName& name) {
  plan::Plan plan;
  const auto mtu = wanted.mtu.bytes == 0 ? std::nullopt : std::optional(wanted.mtu.bytes);
  if (wanted.mac || mtu) plan.container(netlink::SetLink{.name = name, .mac = wanted.mac, .mtu = mtu});
  if (wanted.bridge) {
    const auto bridge = netlink::observe_link(kernel.container(), *wanted.bridge);
    if (!bridge || bridge->kind != "bridge") {
      throw cni::Error(cni::kInternal, "failed to get bridge " + wanted.bridge->text() + ": Link not found",
                       "bridge: the container has no bridge with this name");
    }
    plan.container(netlink::SetMaster{name, bridge->index, bridge->name});
  }
  {
    const netns::Entered entered(kernel.container_netns());
    netlink::create_tap(name, std::get<netlink::Tap>(wanted.kind), wanted.selinux_context);
  }
  logging::record_action("container: ip tuntap add mode tap name " + name.text());
  kernel.apply(plan);
}

std::string text(const std::optional<std::uint32_t>& id) { return id ? std::to_string(*id) : "none"; }

void compare(plan::Differences& differences, plan::Kernel& kernel, const attachment::Wanted& wanted,
             const netlink::Link& found) {
  const std::string of_interface = " of interface " + found.name;
  const netlink::Tap expected = std::get<netlink::Tap>(wanted.kind);
  const netlink::Tap tap = netlink::parse_tap(found);
  differences.expect("owner" + of_interface, text(expected.owner), text(tap.owner));
  differences.expect("group" + of_interface, text(expected.group), text(tap.group));
  differences.expect("queues" + of_interface, expected.multi_queue ? "many" : "one", tap.multi_queue ? "many" : "one");
  if (!wanted.bridge) return;
  const auto bridge = found.master == 0 ? std::nullopt : netlink::observe_link(kernel.container(), found.master);
  differences.expect("bridge" + of_interface, wanted.bridge->text(), bridge ? bridge->name : "none");
}

void check_host(const attachment::Wanted& wanted) {
  try {
    netlink::check_tap_host(wanted.selinux_context);
  } catch (const std::system_error& error) {
    throw cni::Error(cni::kNotAvailable, error.what(), "load the module tun; with selinuxContext, enable SELinux");
  }
}

}  // namespace

const cni::Plugin& plugin() {
  static const attachment::Single single{.name = "tap",
                                         .kind = netlink::Tap::kName,
                                         .parse = parse,
                                         .compare = compare,
                                         .create = create,
                                         .check_host = check_host};
  static const cni::Plugin instance = attachment::plugin_of(single);
  return instance;
}

}  // namespace tap

// SPDX-License-Identifier: Apache-2.0
#include "lib/attachment/single/plan.h"

#include "lib/attachment/chained/previous.h"
#include "lib/cni/error.h"

namespace attachment {
namespace {

// True if prevResult lists another MAC address for the container's interface of that name.
bool contradicts(const std::optional<cni::Result>& previous, const netlink::Link& link) {
  const cni::Interface* listed = previous ? find_interface(*previous, link.name, true) : nullptr;
  return listed != nullptr && !listed->mac.empty() && net::Mac::parse(listed->mac) != link.mac;
}

void remove(plan::Plan& plan, const netlink::Link& link) {
  plan.container(netlink::DeleteLink{net::IfName(link.name), link.index});
}

// True if an unfinished ADD of this attachment created the link. It may have renamed it.
bool is_unfinished(const netlink::Link& link, const net::Owner& owner) {
  return link.alias == owner.unfinished_alias() || (link.name == owner.host_end().text() && link.alias.empty());
}

}  // namespace

std::string kind_name(const netlink::Kind& kind) {
  return std::visit([](const auto& one) { return std::string(one.kName); }, kind);
}

bool is_own(const netlink::Link& interface, const net::Owner& owner) {
  return interface.alias == owner.alias() || interface.alias == owner.unfinished_alias();
}

void check_names(const std::vector<netlink::Link>& links, const net::Owner& owner, std::string_view plugin,
                 const std::string& netns) {
  for (const netlink::Link& link : links) {
    const bool is_attached = link.alias == owner.alias();
    const bool is_taken = link.name == owner.ifname || link.name == owner.host_end().text();
    if (!is_attached && (!is_taken || is_unfinished(link, owner))) continue;
    throw cni::Error(
        cni::kInternal,
        "failed to create " + std::string(plugin) + ": " + netns + " already has an interface \"" + link.name + "\"",
        is_attached ? "it attaches the container to network " + owner.network + "; call DEL before the next ADD"
                    : "network " + owner.network + " did not create it; choose another interface name");
  }
}

plan::Plan plan_remove_leftover(const std::vector<netlink::Link>& links, const net::Owner& owner) {
  plan::Plan plan;
  for (const netlink::Link& link : links) {
    if (is_unfinished(link, owner)) remove(plan, link);
  }
  return plan;
}

plan::Plan plan_create(const Wanted& wanted, const net::Owner& owner, const netlink::LinkRef& parent,
                       const netlink::NetnsRef& netns) {
  netlink::NewLink link{owner.host_end(), wanted.kind};
  link.parent = parent;
  link.netns = netns;
  link.mtu = wanted.mtu.bytes;
  link.mac = wanted.mac;
  link.tx_queues = wanted.queues;
  link.rx_queues = wanted.queues;
  plan::Plan plan;
  // The index of a parent on the host is valid only there.
  netns.fd >= 0 ? plan.host(link) : plan.container(link);
  return plan;
}

plan::Plan plan_rename(const netlink::Link& created, const net::Owner& owner) {
  netlink::SetLink change{net::IfName(created.name)};
  change.index = created.index;
  change.new_name = net::IfName(owner.ifname);
  change.alias = owner.unfinished_alias();
  plan::Plan plan;
  plan.container(change);
  return plan;
}

plan::Plan plan_mark(const netlink::Link& interface, const net::Owner& owner) {
  netlink::SetLink change{net::IfName(owner.ifname)};
  change.index = interface.index;
  change.alias = owner.alias();
  plan::Plan plan;
  plan.container(change);
  return plan;
}

plan::Plan plan_remove(const std::vector<netlink::Link>& links, const net::Owner& owner, std::string_view kind,
                       const std::optional<cni::Result>& previous) {
  plan::Plan plan;
  for (const netlink::Link& link : links) {
    const bool is_of_reference = link.name == owner.ifname && link.alias.empty() && !kind.empty() &&
                                 link.kind == kind && !contradicts(previous, link);
    if (is_own(link, owner) || is_unfinished(link, owner) || is_of_reference) remove(plan, link);
  }
  return plan;
}

}  // namespace attachment

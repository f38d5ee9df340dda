// SPDX-License-Identifier: Apache-2.0
#include "lib/attachment/veth/pair.h"

#include <algorithm>

#include "lib/attachment/chained/previous.h"
#include "lib/cni/error.h"
#include "lib/log/log.h"

namespace attachment {
namespace {

cni::Error name_is_taken(const net::Owner& owner, const std::string& why) {
  return {cni::kInternal,
          "container veth name (\"" + owner.ifname + "\") peer provided (\"" + owner.host_end().text() +
              "\") already exists",
          why};
}

// The two ends of a pair refer to each other's index. Each namespace counts indices on its own.
bool are_ends(const netlink::Link& host_end, const netlink::Link& container_end) {
  return container_end.kind == "veth" && host_end.peer == container_end.index && container_end.peer == host_end.index;
}

// True if prevResult lists that link, by name and MAC address, in the container or on the host.
bool is_listed(const cni::Result& previous, const netlink::Link& link, bool in_container) {
  return std::any_of(previous.interfaces.begin(), previous.interfaces.end(), [&](const cni::Interface& listed) {
    return listed.name == link.name && listed.sandbox.empty() != in_container && link.mac &&
           net::Mac::parse(listed.mac) == link.mac;
  });
}

// The master that the reference's host end would have; nullopt if its bridge does not exist.
std::optional<std::uint32_t> observe_master(plan::Kernel& kernel, const std::optional<net::IfName>& bridge) {
  if (!bridge) return 0;
  const auto link = netlink::observe_link(kernel.host(), *bridge);
  return link ? std::optional(link->index) : std::nullopt;
}

void remove_pair_of(plan::Kernel& kernel, const cni::Request& request, const std::optional<net::IfName>& bridge) {
  const logging::Stage stage("links");
  const net::Owner owner = request.owner();
  Pair pair;
  pair.host_end = netlink::observe_link(kernel.host(), owner.host_end());
  plan::Plan plan = plan_remove_pair(owner, pair);
  if (plan.empty()) {  // only now enter the container's namespace, where the container may have changed everything
    pair = observe_pair(kernel, owner);
    const auto link = find_reference_pair(kernel, pair, previous_if_readable(request), observe_master(kernel, bridge));
    if (link) plan.host(netlink::DeleteLink{net::IfName(link->name), link->index});
  }
  kernel.apply(plan);
}

}  // namespace

Pair observe_pair(plan::Kernel& kernel, const net::Owner& owner) {
  Pair pair;
  pair.host_end = netlink::observe_link(kernel.host(), owner.host_end());
  if (!kernel.has_container()) return pair;
  pair.container_end = netlink::observe_link(kernel.container(), net::IfName(owner.ifname));
  if (!pair.container_end || pair.container_end->kind != "veth" || pair.container_end->peer == 0) return pair;
  auto peer = netlink::observe_link(kernel.host(), pair.container_end->peer);
  if (peer && peer->kind == "veth" && are_ends(*peer, *pair.container_end)) pair.container_peer = std::move(peer);
  return pair;
}

bool is_ours(const netlink::Link& host_end, const net::Owner& owner) {
  const bool is_unfinished = host_end.alias.empty() || host_end.alias == owner.unfinished_alias();
  return host_end.kind == "veth" && (is_unfinished || is_finished(host_end, owner));
}

bool is_finished(const netlink::Link& host_end, const net::Owner& owner) {
  return host_end.kind == "veth" && host_end.alias == owner.alias();
}

bool is_of_reference(const netlink::Link& host_end) {
  constexpr std::string_view kPrefix = "veth";
  constexpr std::size_t kDigits = 8;
  if (host_end.kind != "veth" || !host_end.alias.empty()) return false;
  if (host_end.name.size() != kPrefix.size() + kDigits || !host_end.name.starts_with(kPrefix)) return false;
  return host_end.name.find_first_not_of("0123456789abcdef", kPrefix.size()) == std::string::npos;
}

void check_names(const net::Owner& owner, const Pair& pair) {
  const bool host_end_is_ours = pair.host_end && is_ours(*pair.host_end, owner);
  if (pair.host_end && !host_end_is_ours) {
    throw cni::Error(cni::kInternal, "host interface name \"" + owner.host_end().text() + "\" already exists",
                     "a " + (pair.host_end->kind.empty() ? "device" : pair.host_end->kind) + " with alias \"" +
                         pair.host_end->alias + "\" has that name");
  }
  const bool is_our_pair = host_end_is_ours && pair.container_end && are_ends(*pair.host_end, *pair.container_end);
  if (pair.container_end && !is_our_pair) {
    throw name_is_taken(owner, "interface " + owner.ifname + " in the container was not created by this network");
  }
  if (is_our_pair && is_finished(*pair.host_end, owner)) {
    throw name_is_taken(owner, "the container is already attached to this network; call DEL before the next ADD");
  }
}

plan::Plan plan_finish(const net::Owner& owner) {
  plan::Plan plan;
  netlink::SetLink change{owner.host_end()};
  change.alias = owner.alias();
  plan.host(change);
  return plan;
}

plan::Plan plan_remove_pair(const net::Owner& owner, const Pair& pair) {
  plan::Plan plan;
  if (pair.host_end && is_ours(*pair.host_end, owner)) {
    plan.host(netlink::DeleteLink{owner.host_end(), pair.host_end->index});  // deletes both ends
  }
  return plan;
}

void remove_pair(plan::Kernel& kernel, const net::Owner& owner) {
  kernel.apply(plan_remove_pair(owner, observe_pair(kernel, owner)));
}

std::optional<netlink::Link> find_reference_pair(plan::Kernel& kernel, const Pair& pair,
                                                 const std::optional<cni::Result>& previous,
                                                 std::optional<std::uint32_t> master) {
  const auto& peer = pair.container_peer;
  if (peer && is_of_reference(*peer)) {
    // tuning restores the MAC address before this DEL, so a difference from prevResult's proves nothing.
    if (peer->master == master || (previous && is_listed(*previous, *pair.container_end, true))) return peer;
  }
  if (!previous) return std::nullopt;
  for (const cni::Interface& listed : previous->interfaces) {
    if (!listed.sandbox.empty() || !net::IfName::flaw(listed.name).empty()) continue;
    auto link = netlink::observe_link(kernel.host(), net::IfName(listed.name));
    if (link && is_of_reference(*link) && is_listed(*previous, *link, false)) return link;
  }
  return std::nullopt;
}

std::optional<netlink::Link> compare_host_end(plan::Differences& differences, const Pair& seen,
                                              const std::string& missing) {
  const auto& host_end = seen.host_end ? seen.host_end : seen.container_peer;
  if (!host_end) {
    differences.add(missing);
  } else if (!host_end->is_up) {
    differences.expect("host interface " + host_end->name, "up", "down");
  }
  return host_end;
}

DelStep pair_step(const cni::Request& request, const std::optional<net::IfName>& bridge) {
  return {"delete the veth pair", [&request, bridge](plan::Kernel& kernel) { remove_pair_of(kernel, request, bridge); },
          false, true};
}

}  // namespace attachment

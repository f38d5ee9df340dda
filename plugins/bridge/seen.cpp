#include "plugins/bridge/seen.h"

namespace bridge {
namespace {

netlink::Link present(std::optional<netlink::Link> link, const net::IfName& name) {
  if (link) return std::move(*link);
  throw cni::Error(cni::kTryAgain, "link " + name.text() + " vanished while it was being set up",
                   "something else removes links on this host; try again");
}

}  // namespace

Seen observe_pair(plan::Kernel& kernel, const net::Owner& owner) {
  Seen seen;
  seen.host_end = netlink::observe_link(kernel.host(), owner.host_end());
  if (!kernel.has_container()) return seen;
  seen.container_end = netlink::observe_link(kernel.container(), net::IfName(owner.ifname));
  if (!seen.container_end || seen.container_end->kind != "veth" || seen.container_end->peer == 0) return seen;
  // Indices count anew in each namespace: the link found is the other end only if it points back.
  auto peer = netlink::observe_link(kernel.host(), seen.container_end->peer);
  if (peer && peer->kind == "veth" && peer->peer == seen.container_end->index) seen.container_peer = std::move(peer);
  return seen;
}

Seen observe(plan::Kernel& kernel, const Config& config) {
  Seen seen = observe_pair(kernel, config.owner);
  seen.bridge = netlink::observe_link(kernel.host(), config.bridge);
  if (seen.bridge) seen.bridge_addresses = netlink::observe_addresses(kernel.host(), seen.bridge->index);
  return seen;
}

Links observe_links(plan::Kernel& kernel, const Config& config) {
  return {present(netlink::observe_link(kernel.host(), config.bridge), config.bridge),
          present(netlink::observe_link(kernel.host(), config.owner.host_end()), config.owner.host_end()),
          present(netlink::observe_link(kernel.container(), config.ifname), config.ifname)};
}

Seen observe_all(plan::Kernel& kernel, const Config& config) {
  Seen seen = observe(kernel, config);
  if (seen.bridge) seen.ports = netlink::observe_links(kernel.host(), seen.bridge->index);
  return seen;
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

}  // namespace bridge

// SPDX-License-Identifier: Apache-2.0
#include "cli/reload/restoration.h"

#include <algorithm>
#include <exception>
#include <optional>

#include "cli/cni/chain.h"
#include "footbridge_plugins.h"
#include "lib/attachment/chained/previous.h"
#include "lib/cni/delegate.h"
#include "lib/net/mac.h"
#include "lib/netlink/link.h"
#include "lib/netns/netns.h"
#include "lib/nft/set.h"
#include "lib/ruleset/sets.h"

namespace cli {
namespace {

Conflist parse_network(const CachedAttachment& cached) {
  const std::string what = "cached configuration";
  const std::string& text = cached.entry.config;
  bool is_list = true;
  try {
    is_list = cni::find(cni::parse_json(text), "plugins") != nullptr;
  } catch (const std::invalid_argument&) {  // NOLINT(bugprone-empty-catch): parse_conflist says it better
  }
  Conflist network = is_list ? parse_conflist(text, what) : parse_single_conf(text, what);
  if (network.name == cached.owner.network) return network;
  throw cni::Error(cni::kBadConfiguration, what + ": it is of network " + network.name);
}

const cni::Plugin* find(std::span<const cni::Plugin* const> plugins, const std::string& type,
                        const std::vector<std::string>& path) {
  const cni::Builtin* named = cni::find_by_type(kPlugins, type, path);
  const auto found = std::find_if(plugins.begin(), plugins.end(), [&](const cni::Plugin* plugin) {
    return named != nullptr && plugin->name == named->name && plugin->restore;
  });
  return found == plugins.end() ? nullptr : *found;
}

// Names and configuration are checked as those of a DEL are, which needs no namespace. No delegate is ever searched by the
// path, which must not be empty.
cni::Environment environment_of(const Attachment& attachment) {
  return {{"CNI_COMMAND", "DEL"},          {"CNI_CONTAINERID", attachment.container_id},
          {"CNI_NETNS", attachment.netns}, {"CNI_IFNAME", attachment.ifname},
          {"CNI_ARGS", attachment.args},   {"CNI_PATH", "/"}};
}

// A path below /proc may be that of another process by now: of another container, or of the host itself.
bool is_in_namespace(const std::string& path, const std::string& ifname, const std::string& mac) {
  std::optional<netns::Netns> netns;
  try {
    netns = netns::Netns::open(path);
  } catch (const netns::NotNetns&) {
    return false;
  }
  if (!netns || netns->is_same(netns::Netns::current())) return false;
  const netns::Entered entered(*netns);
  netlink::Socket inside(NETLINK_ROUTE);
  const auto link = netlink::observe_link(inside, net::IfName(ifname));
  const auto expected = net::Mac::parse(mac);
  return link && (!expected || link->mac == expected);
}

bool is_in_namespace(const cni::Request& request) {
  const auto previous = request.previous_result();
  const cni::Interface* inner = previous ? attachment::find_interface(*previous, request.ifname, true) : nullptr;
  if (inner == nullptr) return false;
  const std::string path = request.netns.empty() ? inner->sandbox : request.netns;  // the cache of libcni 1.1 has none
  return !path.empty() && is_in_namespace(path, request.ifname, inner->mac);
}

}  // namespace

std::vector<Restoration> parse_restorations(const CachedAttachment& cached, std::span<const cni::Plugin* const> plugins,
                                            const std::vector<std::string>& path) {
  std::vector<Restoration> restorations;
  const Conflist network = parse_network(cached);
  for (const PluginConfig& config : network.plugins) {
    const cni::Plugin* plugin = find(plugins, config.type, path);
    if (plugin == nullptr) continue;
    if (!cached.entry.result.is_object()) throw cni::Error(cni::kNotJson, "it holds no result");
    const cni::Json previous = in_version(cached.entry.result, network.version);
    const auto input = [&] { return plugin_input(network, config, cached.entry.attachment, previous); };
    restorations.push_back(
        {plugin, cni::parse_request(environment_of(cached.entry.attachment), plugin->versions, input)});
  }
  return restorations;
}

Life observe_life(netlink::Socket& host, const cni::Request& request) {
  const net::Owner owner = request.owner();
  const auto link = netlink::observe_link(host, owner.host_end());
  if (link && link->alias == owner.alias()) return Life::alive;
  if (link && link->alias == owner.unfinished_alias()) return Life::unfinished;
  return is_in_namespace(request) ? Life::alive : Life::gone;
}

void remove_elements(plan::Kernel& kernel, const net::Owner& owner) {
  kernel.apply_with_retry([&] {
    plan::Plan plan;
    plan.generation = kernel.table().generation();
    std::vector<std::string> sets;
    for (const nft::Set& set : ruleset::sets()) sets.push_back(set.name);
    for (const auto& one : kernel.table().list_conditions()) sets.push_back(one.conditions.map_name());
    for (const std::string& set : sets) {
      for (ruleset::Element& element : kernel.table().list(set)) {
        if (element.comment == owner.comment()) plan.remove(std::move(element));
      }
    }
    return plan;
  });
}

}  // namespace cli

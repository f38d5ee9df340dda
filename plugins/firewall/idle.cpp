// SPDX-License-Identifier: Apache-2.0
#include "plugins/firewall/idle.h"

#include <array>
#include <map>

#include "lib/net/owner.h"
#include "lib/ruleset/sets.h"
#include "plugins/firewall/policy.h"

namespace firewall {
namespace {

// Ports of other plugins have names that our elements do not contain: each port that looks like a container's counts.
bool relies_on_policy(plan::Kernel& kernel, const netlink::Link& port) {
  if (!net::Owner::is_host_end(port.name, port.alias)) return port.peer_netns.has_value();
  const ruleset::Table table = kernel.table();
  constexpr std::array kFamilies{net::Family::v4, net::Family::v6};
  for (const net::Family family : kFamilies) {
    if (table.find(ruleset::forwarded_map(family).name, {port.name, nft::Mark{0}})) return true;
  }
  return table.find("isolated", {port.name}).has_value();
}

bool is_idle(plan::Kernel& kernel, const std::string& bridge, const std::string& leaving) {
  if (!net::IfName::flaw(bridge).empty()) return true;
  const auto link = netlink::observe_link(kernel.host(), net::IfName(bridge));
  if (!link) return true;
  const auto is_relied_on = [&](const netlink::Link& port) {
    return port.name != leaving && relies_on_policy(kernel, port);
  };
  return link->kind == "bridge" ? !netlink::has_port(link->index, is_relied_on) : !is_relied_on(*link);
}

std::vector<ruleset::Element> observe_policies(const ruleset::Table& table, const std::string& bridge) {
  if (!bridge.empty()) return observe_policy(table, {bridge, {}}).bridge;
  std::vector<ruleset::Element> all;
  for (const ruleset::Set& set : ruleset::sets()) {
    if (set.lifetime != ruleset::Lifetime::bridge) continue;
    for (ruleset::Element& element : table.list(set.name)) all.push_back(std::move(element));
  }
  return all;
}

// Reads the generation first: it changes if a container is attached meanwhile.
plan::Plan plan_idle(plan::Kernel& kernel, const std::string& bridge, const std::string& leaving) {
  plan::Plan plan;
  const std::uint32_t generation = kernel.table().generation();
  std::map<std::string, bool> idle;
  for (const ruleset::Element& element : observe_policies(kernel.table(), bridge)) {
    const auto& name = std::get<std::string>(element.key.at(0));
    if (!idle.contains(name)) idle[name] = is_idle(kernel, name, leaving);
    if (idle[name]) plan.remove(element);
  }
  guard(plan, generation);
  return plan;
}

}  // namespace

void remove_idle_policies(plan::Kernel& kernel, const std::string& bridge, const std::string& leaving) {
  kernel.apply_with_retry([&] { return plan_idle(kernel, bridge, leaving); });
}

}  // namespace firewall

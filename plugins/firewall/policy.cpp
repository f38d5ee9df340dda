// SPDX-License-Identifier: Apache-2.0
#include "plugins/firewall/policy.h"

#include <algorithm>
#include <string_view>

#include "lib/log/log.h"
#include "lib/plan/elements.h"
#include "lib/ruleset/sets.h"

namespace firewall {
namespace {

std::string comment_of(const std::string& network) {
  constexpr std::size_t kLongest = 127;  // bytes, the limit of nft(8) for comments; see net::Owner::comment()
  return network.substr(0, kLongest);
}

std::vector<ruleset::Element> elements_of(const std::string& network, const std::string& bridge, IngressPolicy policy) {
  const std::string comment = comment_of(network);
  if (policy == IngressPolicy::open) return {};
  std::vector<ruleset::Element> elements{{"policed", {bridge}, {}, comment}};
  if (policy == IngressPolicy::same_bridge) elements.push_back({"within", {bridge, bridge}, {}, comment});
  return elements;
}

bool has(const PolicySeen& seen, std::string_view set) {
  return std::any_of(seen.bridge.begin(), seen.bridge.end(),
                     [&](const ruleset::Element& element) { return element.set == set; });
}

IngressPolicy policy_of(const PolicySeen& seen) {
  if (!has(seen, "policed")) return IngressPolicy::open;
  return has(seen, "within") ? IngressPolicy::same_bridge : IngressPolicy::isolated;
}

// Adds the wanted elements and deletes all others that were seen.
void replace_elements(plan::Plan& plan, const std::vector<ruleset::Element>& wanted,
                      const std::vector<ruleset::Element>& seen) {
  const plan::Index wanted_index(wanted);
  const plan::Index seen_index(seen);
  for (const ruleset::Element& element : seen) {
    if (wanted_index.find(element) == nullptr) plan.remove(element);
  }
  for (const ruleset::Element& element : wanted) replace(plan, element, seen_index);
}

}  // namespace

PolicySeen observe_policy(const ruleset::Table& table, const Port& port) {
  PolicySeen seen;
  seen.generation = table.generation();
  seen.port = table.find("isolated", {port.name});
  if (port.bridge.empty()) return seen;
  for (const ruleset::Set& set : ruleset::sets()) {
    if (set.lifetime != ruleset::Lifetime::bridge) continue;
    const nft::Values key(set.key.size(), nft::Value(port.bridge));
    if (auto element = table.find(set.name, key)) seen.bridge.push_back(std::move(*element));
  }
  return seen;
}

plan::Plan plan_policy(const net::Owner& owner, const Port& port, IngressPolicy policy, const PolicySeen& seen) {
  plan::Plan plan;
  const bool is_shared = std::any_of(seen.bridge.begin(), seen.bridge.end(), [&](const ruleset::Element& element) {
    return element.comment != comment_of(owner.network);
  });
  const bool is_overridden = is_shared && policy_of(seen) >= policy;
  if (is_overridden) {
    policy = policy_of(seen);
    logging::info("bridge " + port.bridge + " keeps ingressPolicy " + std::string(text(policy)) +
                  " of another network");
  } else {
    replace_elements(plan, elements_of(owner.network, port.bridge, policy), seen.bridge);
  }
  std::vector<ruleset::Element> isolated;
  if (policy == IngressPolicy::isolated) isolated.push_back({"isolated", {port.name}, {}, owner.comment()});
  replace_elements(plan, isolated, seen.port ? std::vector{*seen.port} : std::vector<ruleset::Element>{});
  guard(plan, seen.generation);
  return plan;
}

plan::Plan plan_no_isolation(const net::Owner& owner, const PolicySeen& seen) {
  plan::Plan plan;
  if (seen.port && seen.port->comment == owner.comment()) plan.remove(*seen.port);
  guard(plan, seen.generation);
  return plan;
}

}  // namespace firewall

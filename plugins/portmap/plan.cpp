// SPDX-License-Identifier: Apache-2.0
#include "plugins/portmap/plan.h"

#include <algorithm>

#include "lib/masquerade/plan.h"
#include "lib/plan/elements.h"

namespace portmap {
namespace {

bool is_among(const std::string& comment, const std::vector<std::string>& comments) {
  return std::find(comments.begin(), comments.end(), comment) != comments.end();
}

// The attachment that stands by takes over the port in the same transaction.
void release(plan::Plan& plan, const ruleset::Element& port, const plan::Index& successors) {
  plan.remove(port);
  const ruleset::Element* successor = successors.find(port);
  if (successor == nullptr) return;
  plan.remove(standby_of(*successor));
  plan.add(*successor);
}

// Deletes what an earlier ADD of the same attachment added and this one does not need. (localnet has no owner.)
void remove_stale(plan::Plan& plan, const std::string& comment, const std::vector<ruleset::Element>& wanted,
                  const std::vector<ruleset::Element>& seen, const plan::Index& successors) {
  const plan::Index index(wanted);
  for (const ruleset::Element& element : seen) {
    if (element.comment == comment && index.find(element) == nullptr) release(plan, element, successors);
  }
}

// The wanted ports. Those of another attachment of the container become elements that stand by.
std::vector<ruleset::Element> place_ports(const Wanted& wanted, const Seen& seen) {
  const plan::Index index(seen.ports);
  const std::string comment = wanted.owner.comment();
  std::vector<ruleset::Element> placed;
  for (const ruleset::Element& port : wanted.ports) {
    const ruleset::Element* present = index.find(port);
    if (present != nullptr && is_among(present->comment, seen.siblings)) {
      placed.push_back(standby_of(port));
      continue;
    }
    placed.push_back(port);
    if (present == nullptr || present->comment == comment || is_among(present->comment, seen.gone_owners)) continue;
    if (present->data.at(0) == port.data.at(0)) continue;  // IPAM allocated it to us: the other container is gone
    throw cni::Error(
        cni::kPortTaken, "host " + text(mapping_of(port)) + " is already published by " + present->comment,
        "it leads to " + target_text(*present) + "; choose another hostPort, or delete that attachment and try again");
  }
  return placed;
}

// Adds the missing maps of conditions and their rules.
void add_conditions(plan::Plan& plan, const Wanted& wanted, const Seen& seen) {
  for (const ruleset::Conditions& needed : wanted.conditions) {
    const auto found = std::find_if(seen.conditions.begin(), seen.conditions.end(),
                                    [&](const auto& one) { return one.conditions == needed; });
    if (found != seen.conditions.end() && found->rule) continue;
    plan.add(ruleset::AddConditions{needed, found != seen.conditions.end()});
  }
}

}  // namespace

plan::Plan plan_publish(const Wanted& wanted, const Seen& seen) {
  plan::Plan plan;
  const plan::Index seen_ports(seen.ports);
  const plan::Index seen_others(seen.others);
  const plan::Index successors(seen.successors);
  const std::string comment = wanted.owner.comment();
  const std::vector<ruleset::Element> ports = place_ports(wanted, seen);
  add_conditions(plan, wanted, seen);
  remove_stale(plan, comment, ports, seen.ports, successors);
  remove_stale(plan, comment, wanted.others, seen.others, successors);
  for (const ruleset::Element& port : ports) replace(plan, port, seen_ports);
  for (const ruleset::Element& element : wanted.others) replace(plan, element, seen_others);
  masquerade::plan_local(plan, wanted.owner.network, wanted.subnets, seen.local);
  guard(plan, seen.generation);
  if (!seen.siblings.empty()) plan.generation = seen.generation;  // the sibling's port must still exist
  return plan;
}

std::vector<ruleset::Element> select_taken_over(const Seen& seen) {
  const plan::Index successors(seen.successors);
  std::vector<ruleset::Element> taken_over;
  for (const ruleset::Element& port : seen.ports) {
    if (is_among(port.comment, seen.gone_owners) && successors.find(port) != nullptr) taken_over.push_back(port);
  }
  return taken_over;
}

plan::Plan plan_take_over(const Seen& seen) {
  plan::Plan plan;
  const plan::Index successors(seen.successors);
  for (const ruleset::Element& port : select_taken_over(seen)) release(plan, port, successors);
  guard(plan, seen.generation);
  return plan;
}

plan::Plan plan_remove_conditions(const std::vector<ruleset::Table::SeenConditions>& empty, std::uint32_t generation) {
  plan::Plan plan;
  for (const auto& one : empty) plan.remove(ruleset::RemoveConditions{one.conditions.map_name(), one.rule});
  guard(plan, generation);
  return plan;
}

plan::Plan plan_unpublish(const net::Owner& owner, const Seen& seen) {
  plan::Plan plan;
  const std::string comment = owner.comment();
  const plan::Index successors(seen.successors);
  for (const auto* elements : {&seen.ports, &seen.others}) {
    for (const ruleset::Element& element : *elements) {
      if (element.comment != comment) continue;  // a bridge's localnet has no owner, and stays
      if (element.set == "localnet") plan.host(sysctl::no_route_localnet(owner.host_end()));  // before its guard
      release(plan, element, successors);
    }
  }
  guard(plan, seen.generation);
  return plan;
}

}  // namespace portmap

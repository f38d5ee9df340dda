#include "plugins/portmap/plan.h"

#include <algorithm>

#include "lib/masquerade/plan.h"
#include "lib/plan/elements.h"

namespace portmap {
namespace {

// What an earlier ADD of the same attachment made and this one does not. (localnet has no owner.)
void remove_stale(plan::Plan& plan, const std::string& comment, const std::vector<ruleset::Element>& wanted,
                  const std::vector<ruleset::Element>& seen) {
  const plan::Index index(wanted);
  for (const ruleset::Element& element : seen) {
    if (element.comment == comment && index.find(element) == nullptr) plan.remove(element);
  }
}

bool is_taken(const ruleset::Element& wanted, const ruleset::Element& present, const std::vector<std::string>& gone) {
  if (present.comment == wanted.comment) return false;
  if (present.data.at(0) == wanted.data.at(0)) return false;  // IPAM gave us the address: its former container is gone
  return std::find(gone.begin(), gone.end(), present.comment) == gone.end();
}

void refuse_taken(const ruleset::Element& wanted, const plan::Index& ports, const std::vector<std::string>& gone) {
  const ruleset::Element* present = ports.find(wanted);
  if (present == nullptr || !is_taken(wanted, *present, gone)) return;
  throw cni::Error(cni::kPortTaken, "host " + text(mapping_of(wanted)) + " is already published by " + present->comment,
                   "it goes to " + text(present->data) + "; choose another hostPort, or delete that container first");
}

// The maps of conditions, and their rules, that are not there yet.
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
  const std::string comment = wanted.owner.comment();
  for (const ruleset::Element& port : wanted.ports) refuse_taken(port, seen_ports, seen.gone_owners);
  add_conditions(plan, wanted, seen);
  remove_stale(plan, comment, wanted.ports, seen.ports);
  remove_stale(plan, comment, wanted.others, seen.others);
  for (const ruleset::Element& port : wanted.ports) replace(plan, port, seen_ports);
  for (const ruleset::Element& element : wanted.others) replace(plan, element, seen_others);
  masquerade::plan_local(plan, wanted.owner.network, wanted.subnets, seen.local);
  guard(plan, seen.generation);
  return plan;
}

plan::Plan plan_remove_conditions(const std::vector<ruleset::Table::SeenConditions>& empty, std::uint32_t generation) {
  plan::Plan plan;
  for (const auto& one : empty) plan.remove(ruleset::RemoveConditions{one.conditions.map_name(), one.rule});
  guard(plan, generation);
  return plan;
}

plan::Plan plan_withdraw(const net::Owner& owner, const Seen& seen) {
  plan::Plan plan;
  const std::string comment = owner.comment();
  for (const auto* elements : {&seen.ports, &seen.others}) {
    for (const ruleset::Element& element : *elements) {
      if (element.comment != comment) continue;  // a bridge's localnet has no owner, and stays with it
      if (element.set == "localnet") plan.host(sysctl::no_route_localnet(owner.host_end()));  // before its guard goes
      plan.remove(element);
    }
  }
  guard(plan, seen.generation);
  return plan;
}

}  // namespace portmap

// SPDX-License-Identifier: Apache-2.0
#include "plugins/firewall/plan.h"

#include "lib/attachment/chained/previous.h"
#include "lib/ruleset/admin.h"

namespace firewall {

Wanted wanted_of(Config config, const cni::Result& previous) {
  Wanted wanted;
  wanted.addresses = attachment::addresses_of(previous);
  wanted.port = {bridge_of(config, previous), port_of(config.owner, previous)};
  wanted.config = std::move(config);
  return wanted;
}

plan::Plan plan_rules(const Wanted& wanted, const Seen& seen) {
  const net::Owner& owner = wanted.config.owner;
  plan::Plan plan;
  if (!seen.has_admin_jump) plan.add(ruleset::AddAdminChain{wanted.config.admin_chain, seen.has_admin_chain});
  guard(plan, seen.addresses.generation);
  append(plan, plan_owned_addresses(owner, wanted.addresses, seen.addresses));
  append(plan, plan_policy(owner, wanted.port, wanted.config.policy, seen.policy));
  append(plan, plan_forward(owner, wanted.addresses, seen.forward));
  // An existing policy must still exist at commit: a concurrent DEL of the bridge's last container may delete it.
  const bool relies_on_policy = wanted.config.policy != IngressPolicy::open;
  if (relies_on_policy && !plan.empty() && !plan.generation) plan.generation = seen.addresses.generation;
  return plan;
}

}  // namespace firewall

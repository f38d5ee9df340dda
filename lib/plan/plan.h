// SPDX-License-Identifier: Apache-2.0
// What is to be done to the kernel, as values: nothing in here makes a system call.
//
// A plan is an ordered list of steps, each in the host's namespace or the container's, and prints as the commands that an
// operator would type for it. Kernel (kernel.h) carries it out.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "lib/netlink/address.h"
#include "lib/netlink/bridge_port.h"
#include "lib/netlink/bridge_vlan.h"
#include "lib/netlink/kind/new_link.h"
#include "lib/netlink/link.h"
#include "lib/netlink/link_group.h"
#include "lib/netlink/route.h"
#include "lib/ruleset/table.h"
#include "lib/sysctl/sysctl.h"

namespace plan {

enum class Where : std::uint8_t { host, container };

using LinkChange = std::variant<netlink::NewLink, netlink::SetLink, netlink::SetPort, netlink::DeleteLink,
                                netlink::SetGroup, netlink::DeleteGroup, netlink::NewAddress, netlink::DeleteAddress,
                                netlink::NewRoute, netlink::NewLocalRoute, netlink::AddVlans, netlink::DeleteVlans,
                                netlink::SetVlanFiltering, netlink::SetMaster, netlink::NewAltName>;

struct Step {
  Where where = Where::host;
  std::variant<LinkChange, sysctl::Setting, ruleset::Change> what;
};

struct Plan {
  std::vector<Step> steps;

  // The generation of the ruleset that the nft changes were planned from; they are refused when it is another by then.
  std::optional<std::uint32_t> generation;

  // Does the log get a line for each step? Not where the steps are many and are told in a shorter way.
  bool is_recorded = true;

  void host(LinkChange change) { steps.push_back({Where::host, std::move(change)}); }
  void container(LinkChange change) { steps.push_back({Where::container, std::move(change)}); }
  void host(sysctl::Setting setting) { steps.push_back({Where::host, std::move(setting)}); }
  void container(sysctl::Setting setting) { steps.push_back({Where::container, std::move(setting)}); }
  void add(ruleset::Element element) {
    steps.push_back({Where::host, ruleset::Change(ruleset::AddElement{std::move(element)})});
  }
  void remove(ruleset::Element element) {
    steps.push_back({Where::host, ruleset::Change(ruleset::RemoveElement{std::move(element)})});
  }
  void add(foreign::AddAccept rule) { steps.push_back({Where::host, ruleset::Change(std::move(rule))}); }
  void remove(foreign::Rule rule) {
    steps.push_back({Where::host, ruleset::Change(foreign::RemoveRule{std::move(rule)})});
  }
  void remove(foreign::Chain chain) {
    steps.push_back({Where::host, ruleset::Change(foreign::RemoveChain{std::move(chain)})});
  }
  void add(ruleset::AddConditions conditions) {
    steps.push_back({Where::host, ruleset::Change(std::move(conditions))});
  }
  void remove(ruleset::RemoveConditions conditions) {
    steps.push_back({Where::host, ruleset::Change(std::move(conditions))});
  }
  void add(ruleset::AddAdminChain chain) { steps.push_back({Where::host, ruleset::Change(std::move(chain))}); }
  [[nodiscard]] bool empty() const { return steps.empty(); }
  [[nodiscard]] bool changes_links() const;
};

// Binds the plan to the generation that it was planned from, if it removes elements: what is removed must still be what
// was seen. What is only added needs no such promise, since it must not be there, and so does not wait for others.
void guard(Plan& plan, std::uint32_t generation);

// Puts the steps of `more` behind those of `plan`; of two generations the first stays.
void append(Plan& plan, Plan more);

// A line a step: "ip link add ...", "nft add element ...", "sysctl -w ..."; the container's begin with "container: ".
std::string text(const Plan& plan);

}  // namespace plan

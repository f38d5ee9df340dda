// SPDX-License-Identifier: Apache-2.0
// Changes to the kernel as values: nothing here makes a system call.
//
// A plan is an ordered list of steps, each in the host's namespace or the container's. Its text is the list of
// equivalent commands. Kernel (kernel.h) applies it.
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
#include "lib/netlink/neighbour.h"
#include "lib/netlink/route.h"
#include "lib/ruleset/table.h"
#include "lib/sysctl/sysctl.h"

namespace plan {

enum class Where : std::uint8_t { host, container };

using LinkChange =
    std::variant<netlink::NewLink, netlink::SetLink, netlink::SetPort, netlink::DeleteLink, netlink::SetGroup,
                 netlink::DeleteGroup, netlink::NewAddress, netlink::DeleteAddress, netlink::NewRoute,
                 netlink::NewLocalRoute, netlink::AddVlans, netlink::DeleteVlans, netlink::SetVlanFiltering,
                 netlink::SetMaster, netlink::NewAltName, netlink::DeleteAltName, netlink::NewNeighbour>;

struct Step {
  Where where = Where::host;
  std::variant<LinkChange, sysctl::Setting, ruleset::Change> what;
};

struct Plan {
  std::vector<Step> steps;

  // The ruleset's generation when the nft changes were planned; they are rejected if it has changed.
  std::optional<std::uint32_t> generation;

  // The log gets a line for each step. False if there are many steps, logged in a shorter form.
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

// Binds the plan to its generation if it removes elements: they must still be what was observed. Additions need no
// guard, since they fail if the element exists, and so need not wait for other processes.
void guard(Plan& plan, std::uint32_t generation);

// Appends the steps of `more`; keeps the first generation.
void append(Plan& plan, Plan more);

// One line per step: "ip link add ...", "nft add element ...", "sysctl -w ..."; in the container with "container: "
// before it.
std::string text(const Plan& plan);

}  // namespace plan

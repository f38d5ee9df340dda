// SPDX-License-Identifier: Apache-2.0
// What GC takes away: what is an attachment's of one network that the runtime no longer knows of. Attachments are known by
// their marks alone, so neither namespaces nor prevResult are needed. That no ADD is at work meanwhile is the runtime's
// part (SPEC.md, "Lifecycle & Ordering": GC is executed exclusively).
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "lib/net/attachments.h"
#include "lib/plan/kernel.h"

namespace attachment {

struct AbandonedElements {
  std::uint32_t generation = 0;
  std::vector<ruleset::Element> elements;
};

// The elements of abandoned attachments in the sets of these parts, which are listed as a whole.
AbandonedElements observe_abandoned_elements(const ruleset::Table& table, const net::Attachments& alive,
                                             std::span<const ruleset::Part> parts);

// In one transaction.
plan::Plan plan_collect(const AbandonedElements& abandoned);

// Links that are ours: the alias is that of an owner and the name is the one that goes with it, whatever the kind. An
// operator's link with such an alias has another name, and is left alone.
std::vector<netlink::Link> select_abandoned(const std::vector<netlink::Link>& links, const net::Attachments& alive);

// All at once, in a group that no link is in (netlink::unused_group).
plan::Plan plan_collect(const std::vector<netlink::Link>& links, std::uint32_t group);

// What goes, a line for each owner, for the log: "n/c1/eth0: masq4 10.1.0.2, owners4 ...".
std::vector<std::string> lines(const AbandonedElements& abandoned);
std::vector<std::string> lines(const std::vector<netlink::Link>& links);

}  // namespace attachment

// SPDX-License-Identifier: Apache-2.0
// Links and elements that GC deletes, of attachments in one network that the runtime no longer lists. Their marks
// identify them, so neither namespaces nor prevResult are needed. The runtime ensures that no ADD runs meanwhile
// (SPEC.md, "Lifecycle & Ordering": GC is executed exclusively).
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

// The elements of abandoned attachments in all sets of these parts.
AbandonedElements observe_abandoned_elements(const ruleset::Table& table, const net::Attachments& alive,
                                             std::span<const ruleset::Part> parts);

// Deletes them in one transaction.
plan::Plan plan_collect(const AbandonedElements& abandoned);

// Our links of abandoned attachments, of any kind: the alias is an owner and the name is that owner's host end. An
// operator's link with such an alias has another name and is left alone.
std::vector<netlink::Link> select_abandoned(const std::vector<netlink::Link>& links, const net::Attachments& alive);

// Deletes all at once, through a link group that is not in use (netlink::unused_group).
plan::Plan plan_collect(const std::vector<netlink::Link>& links, std::uint32_t group);

// One log line for each owner: "n/c1/eth0: masq4 10.1.0.2, owners4 ...".
std::vector<std::string> lines(const AbandonedElements& abandoned);
std::vector<std::string> lines(const std::vector<netlink::Link>& links);

}  // namespace attachment

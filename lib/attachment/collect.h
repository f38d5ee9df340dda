// What GC takes away: what is an attachment's of one network that the runtime no longer knows of. Attachments are known by
// their marks alone, so neither namespaces nor prevResult are needed. That no ADD is at work meanwhile is the runtime's
// part (SPEC.md, "Lifecycle & Ordering": GC is executed exclusively).
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "lib/net/attachments.h"
#include "lib/plan/kernel.h"

namespace attachment {

struct AbandonedElements {
  std::uint32_t generation = 0;
  std::vector<ruleset::Element> elements;
};

// Of these sets and maps of our table, which are listed whole.
AbandonedElements observe_abandoned_elements(const ruleset::Table& table, const net::Attachments& alive,
                                             std::span<const std::string_view> sets);

// In one transaction.
plan::Plan plan_collect(const AbandonedElements& abandoned);

// Host ends: veth links that bear an owner's alias and the name that goes with it. An operator's link with such an alias
// has another name, and is left alone.
std::vector<netlink::Link> select_abandoned(const std::vector<netlink::Link>& links, const net::Attachments& alive);

// All at once, in a group that no link is in (netlink::unused_group).
plan::Plan plan_collect(const std::vector<netlink::Link>& host_ends, std::uint32_t group);

// What goes, a line for each owner, for the log: "n/c1/eth0: masq4 10.1.0.2, owners4 ...".
std::vector<std::string> lines(const AbandonedElements& abandoned);
std::vector<std::string> lines(const std::vector<netlink::Link>& host_ends);

}  // namespace attachment

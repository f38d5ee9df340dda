// SPDX-License-Identifier: Apache-2.0
#include "lib/attachment/abandoned.h"

#include <map>

namespace attachment {

AbandonedElements observe_abandoned_elements(const ruleset::Table& table, const net::Attachments& alive,
                                             std::span<const ruleset::Part> parts) {
  AbandonedElements abandoned;
  abandoned.generation = table.generation();
  const auto is_abandoned = [&](const ruleset::Element& element) { return alive.is_abandoned(element.comment); };
  for (const ruleset::Part part : parts) {
    for (const std::string& set : table.owned_sets(part)) {
      for (ruleset::Element& element : table.list(set, is_abandoned)) abandoned.elements.push_back(std::move(element));
    }
  }
  return abandoned;
}

plan::Plan plan_collect(const AbandonedElements& abandoned) {
  plan::Plan plan;
  plan.is_recorded = false;
  for (const ruleset::Element& element : abandoned.elements) plan.remove(element);
  plan::guard(plan, abandoned.generation);
  return plan;
}

std::vector<netlink::Link> select_abandoned(const std::vector<netlink::Link>& links, const net::Attachments& alive) {
  std::vector<netlink::Link> abandoned;
  for (const netlink::Link& link : links) {
    if (net::Owner::is_host_end(link.name, link.alias) && alive.is_abandoned(link.alias)) abandoned.push_back(link);
  }
  return abandoned;
}

plan::Plan plan_collect(const std::vector<netlink::Link>& links, std::uint32_t group) {
  plan::Plan plan;
  plan.is_recorded = false;
  for (const netlink::Link& link : links) plan.host(netlink::SetGroup{net::IfName(link.name), link.index, group});
  if (!links.empty()) plan.host(netlink::DeleteGroup{group});
  return plan;
}

std::vector<std::string> lines(const AbandonedElements& abandoned) {
  std::map<std::string, std::string> by_owner;
  for (const ruleset::Element& element : abandoned.elements) {
    std::string& line = by_owner[element.comment];
    line += (line.empty() ? ": " : ", ") + std::string(element.set) + " " +
            nft::text(std::span<const nft::Value>(element.key));
  }
  std::vector<std::string> result;
  result.reserve(by_owner.size());
  for (const auto& [owner, line] : by_owner) result.push_back(owner + line);
  return result;
}

std::vector<std::string> lines(const std::vector<netlink::Link>& links) {
  std::vector<std::string> result;
  result.reserve(links.size());
  for (const netlink::Link& link : links) result.push_back(link.alias + ": link " + link.name);
  return result;
}

}  // namespace attachment

#include "lib/plan/collect.h"

#include <set>

#include "lib/plan/attachment_lock.h"

namespace plan {
namespace {

// An ADD that is at work has marked its link as unfinished, and holds the attachment's lock. One that was killed holds
// nothing any more.
bool is_at_work(const netlink::Link& host_end) {
  const auto alias = net::Owner::parse_alias(host_end.alias);
  return alias && !alias->is_finished && AttachmentLock::is_held(alias->owner);
}

}  // namespace

Abandoned observe_abandoned(Kernel& kernel, const net::Attachments& alive, std::span<const std::string_view> sets) {
  Abandoned abandoned;
  const nft::Table table = kernel.table();
  if (!sets.empty()) abandoned.generation = table.generation();
  std::set<std::string> busy;
  const std::vector<netlink::Link> links = netlink::observe_links(kernel.host());
  for (const netlink::Link& link : links) {
    if (link.kind != "veth" || !alive.is_abandoned(link.alias)) continue;
    if (is_at_work(link)) {
      busy.insert(std::string(net::Owner::without_state(link.alias)));
    } else {
      abandoned.host_ends.push_back(link);
    }
  }
  abandoned.unused_group = netlink::unused_group(links);
  for (const std::string_view set : sets) {
    for (nft::Element& element : table.list(set)) {
      if (!alive.is_abandoned(element.comment) || busy.contains(element.comment)) continue;
      abandoned.elements.push_back(std::move(element));
    }
  }
  return abandoned;
}

Plan plan_collect_elements(const Abandoned& abandoned) {
  Plan plan;
  for (const nft::Element& element : abandoned.elements) plan.remove(element);
  guard(plan, abandoned.generation);
  return plan;
}

Plan plan_collect_links(const Abandoned& abandoned) {
  Plan plan;
  for (const netlink::Link& link : abandoned.host_ends) {
    plan.host(netlink::SetGroup{net::IfName(link.name), link.index, abandoned.unused_group});
  }
  if (!abandoned.host_ends.empty()) plan.host(netlink::DeleteGroup{abandoned.unused_group});
  return plan;
}

std::vector<std::string> element_lines(const Abandoned& abandoned) {
  std::vector<std::string> lines;
  for (const nft::Element& element : abandoned.elements) {
    lines.push_back(element.comment + ": " + std::string(element.set) + " " +
                    nft::text(std::span<const nft::Value>(element.key)));
  }
  return lines;
}

std::vector<std::string> link_lines(const Abandoned& abandoned) {
  std::vector<std::string> lines;
  for (const netlink::Link& link : abandoned.host_ends) lines.push_back(link.alias + ": link " + link.name);
  return lines;
}

}  // namespace plan

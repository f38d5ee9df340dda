// What GC takes away: what is an attachment's of one network that the runtime no longer knows of. Attachments are known by
// their marks alone, so neither namespaces nor prevResult are needed.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "lib/net/attachments.h"
#include "lib/netlink/link_group.h"
#include "lib/plan/kernel.h"

namespace plan {

struct Abandoned {
  std::uint32_t generation = 0;
  std::vector<nft::Element> elements;    // of the sets that were asked for
  std::vector<netlink::Link> host_ends;  // not those of an ADD that is at work just now
  std::uint32_t unused_group = 0;
};

// `sets`: names of sets and maps of our table, listed whole. The host's links are always looked at: they say which ADDs
// are at work.
Abandoned observe_abandoned(Kernel& kernel, const net::Attachments& alive, std::span<const std::string_view> sets);

// The elements in one transaction; and all links at once, which comes after it.
Plan plan_collect_elements(const Abandoned& abandoned);
Plan plan_collect_links(const Abandoned& abandoned);

// What goes, a line each, for the log: "network/container/eth0: link veth0123456789a".
std::vector<std::string> element_lines(const Abandoned& abandoned);
std::vector<std::string> link_lines(const Abandoned& abandoned);

}  // namespace plan

// SPDX-License-Identifier: Apache-2.0
// What a plugin of one interface does to the kernel, planned from values alone.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "lib/attachment/single/single.h"
#include "lib/net/owner.h"
#include "lib/netlink/link.h"
#include "lib/plan/plan.h"

namespace attachment {

// Was the link made for this attachment, by an ADD that was finished or not?
bool is_own(const netlink::Link& interface, const net::Owner& owner);

std::string kind_name(const netlink::Kind& kind);

// Throws cni::Error if the container, whose links are given, is attached already by an interface of any name, or if another link
// has one of the names that ADD needs.
void check_names(const std::vector<netlink::Link>& links, const net::Owner& owner, const netlink::Kind& kind,
                 const std::string& netns);

// Deletes what an ADD of this attachment left that was killed; nothing if there is nothing.
plan::Plan plan_remove_leftover(const std::vector<netlink::Link>& links, const net::Owner& owner);

// Creates the link, down. parent: its parent's index and name, {} without one. netns: the container's; none if the parent is
// there too, or if there is no parent.
plan::Plan plan_create(const Wanted& wanted, const net::Owner& owner, const netlink::LinkRef& parent,
                       const netlink::NetnsRef& netns);

// Gives the created link its name, and an alias that says that ADD is at work; plan_mark() says that it is finished.
plan::Plan plan_rename(const netlink::Link& created, const net::Owner& owner);
plan::Plan plan_mark(const netlink::Link& interface, const net::Owner& owner);

// DEL and the undoing of ADD: deletes the attachment's interface, whatever its name is by now. The reference's has no alias: it
// is the attachment's if it has CNI_IFNAME and the plugin's kind, and prevResult, where there is one, does not contradict.
plan::Plan plan_remove(const std::vector<netlink::Link>& links, const net::Owner& owner, std::string_view kind,
                       const std::optional<cni::Result>& previous);

}  // namespace attachment

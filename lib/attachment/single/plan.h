// SPDX-License-Identifier: Apache-2.0
// The plans of a plugin that creates one interface: pure functions of observed values.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "lib/attachment/single/single.h"
#include "lib/net/owner.h"
#include "lib/netlink/link.h"
#include "lib/plan/plan.h"

namespace attachment {

// True if an ADD of this attachment, finished or not, created the link.
bool is_own(const netlink::Link& interface, const net::Owner& owner);

std::string kind_name(const netlink::Kind& kind);

// Throws cni::Error if one of the container's links is this attachment's already, under any name, or if another link
// has a name that ADD needs.
void check_names(const std::vector<netlink::Link>& links, const net::Owner& owner, std::string_view plugin,
                 const std::string& netns);

// Deletes what a killed ADD of this attachment left, if anything.
plan::Plan plan_remove_leftover(const std::vector<netlink::Link>& links, const net::Owner& owner);

// Creates the link, down, with the name of the owner's host end: Linux 6.1 rejects a name that the host has, even for a
// link that is created in another namespace. parent: its parent's index and name, {} if it has none. netns: the
// container's; none if the parent is in the container too, or if there is no parent.
plan::Plan plan_create(const Wanted& wanted, const net::Owner& owner, const netlink::LinkRef& parent,
                       const netlink::NetnsRef& netns);

// Renames the created link and sets an alias that marks it as unfinished; plan_mark() marks it as finished.
plan::Plan plan_rename(const netlink::Link& created, const net::Owner& owner);
plan::Plan plan_mark(const netlink::Link& interface, const net::Owner& owner);

// DEL and the rollback of ADD: deletes the attachment's interface, even if it was renamed. The reference's interface
// has no alias: it is this attachment's if it has CNI_IFNAME and the plugin's kind, and prevResult, if any, does not
// contradict.
plan::Plan plan_remove(const std::vector<netlink::Link>& links, const net::Owner& owner, std::string_view kind,
                       const std::optional<cni::Result>& previous);

}  // namespace attachment

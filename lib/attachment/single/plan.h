// What a plugin of one interface does to the kernel, planned from values alone.
#pragma once

#include <optional>

#include "lib/attachment/single/single.h"
#include "lib/net/owner.h"
#include "lib/netlink/link.h"
#include "lib/plan/plan.h"

namespace attachment {

// What is in the container before the interface is created.
struct SingleSeen {
  std::optional<netlink::Link> interface = {};  // a link with the name CNI_IFNAME
  std::optional<netlink::Link> leftover = {};   // a link that an ADD of this attachment created and did not rename
};

// Was the link made for this attachment, by an ADD that was finished or not?
bool is_own(const netlink::Link& interface, const net::Owner& owner);

// Throws cni::Error if another link has the name, or if the container is attached already.
void check_interface_name(const SingleSeen& seen, const net::Owner& owner, const netlink::Kind& kind,
                          const std::string& netns);

// Deletes what an ADD of this attachment left that was killed; nothing if there is nothing.
plan::Plan plan_remove_leftover(const SingleSeen& seen, const net::Owner& owner);

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

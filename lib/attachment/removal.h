// DEL, the same for every plugin that connects a container by a veth pair: masquerading, what the reference left, the pair,
// and the address last, so that it is not given away while it is still in use.
#pragma once

#include <functional>
#include <optional>

#include "lib/cni/request.h"
#include "lib/net/ifname.h"
#include "lib/plan/kernel.h"
#include "lib/reference/leftovers.h"

namespace attachment {

// By the owner's name alone: needs no namespace, no prevResult, and of the configuration only which IPAM plugin it was;
// tries every step and tells all failures at the end. bridge: whose port the host end of the reference's pair would be; none
// for a pair without a bridge. `after_pair`: what else is in nf_tables, and must stay as long as the pair.
void remove(const cni::Request& request, const std::optional<net::IfName>& bridge,
            const std::function<void(plan::Kernel&)>& after_pair = {});

// An ADD of this attachment was killed, and nobody sent the DEL that would have told its IPAM plugin. Never throws.
void release_leftover(const cni::Request& request);

// prevResult as far as it can be read: DEL must not fail for a bad one.
std::optional<cni::Result> previous_if_readable(const cni::Request& request);

// Removes what was seen of the reference's, looking again as long as others change the ruleset, and tells the log. Throws
// only what may pass by itself (EAGAIN, EINTR): rules of others that cannot be removed are a warning, and must not keep a
// container from going.
void remove_reference(plan::Kernel& kernel, const std::function<reference::Seen()>& observe);

}  // namespace attachment

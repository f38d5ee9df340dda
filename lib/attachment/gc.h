// SPDX-License-Identifier: Apache-2.0
// GC: deletes everything of the network's attachments that the runtime no longer lists.
#pragma once

#include <span>

#include "lib/attachment/abandoned.h"
#include "lib/cni/request.h"
#include "lib/cni/steps.h"

namespace attachment {

// GC of every plugin that attaches a container by a link of the host: masquerading, links, IPAM's part, leftovers of
// the reference. All steps are tried; all failures are reported at the end.
void collect(const cni::Request& request);

// Steps of a plugin's GC: the elements of these parts of our tables, and leftovers of the reference in nf_tables. What
// was deleted is in `collected` and in the log.
void collect_elements(cni::Steps& steps, plan::Kernel& kernel, const net::Attachments& alive,
                      std::span<const ruleset::Part> parts, AbandonedElements& collected);

}  // namespace attachment

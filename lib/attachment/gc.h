// SPDX-License-Identifier: Apache-2.0
// GC: everything of the network's attachments that are not alive.
#pragma once

#include <span>

#include "lib/attachment/abandoned.h"
#include "lib/cni/request.h"
#include "lib/cni/steps.h"

namespace attachment {

// For every plugin that attaches a container by a link of the host: masquerading, links, IPAM's part, and what the reference left.
// All steps are tried, and all failures told at the end.
void collect(const cni::Request& request);

// The elements of these parts of our tables, and what the reference left in nf_tables, as steps of a plugin's GC. What went is in
// `collected` and in the log.
void collect_elements(cni::Steps& steps, plan::Kernel& kernel, const net::Attachments& alive,
                      std::span<const ruleset::Part> parts, AbandonedElements& collected);

}  // namespace attachment

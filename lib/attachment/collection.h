// GC: everything of the network's attachments that are not alive.
#pragma once

#include <span>
#include <string_view>

#include "lib/attachment/collect.h"
#include "lib/cni/request.h"
#include "lib/cni/steps.h"

namespace attachment {

// For every plugin that connects a container by a veth pair: masquerading, pairs, IPAM's part, and what the reference left.
// All steps are tried, and all failures told at the end.
void collect(const cni::Request& request);

// The elements of these sets, and what the reference left in nf_tables, as steps of a plugin's GC. What went is in
// `collected` and in the log.
void collect_elements(cni::Steps& steps, plan::Kernel& kernel, const net::Attachments& alive,
                      std::span<const std::string_view> sets, AbandonedElements& collected);

}  // namespace attachment

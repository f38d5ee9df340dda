// SPDX-License-Identifier: Apache-2.0
// Which addresses the configuration lets host-local hand out.
#pragma once

#include <vector>

#include "lib/cni/request.h"
#include "lib/ipam/range.h"

namespace host_local {

// Config::sets, without what ipam.exclude takes out. ipam: that object. Throws cni::Error code 7.
std::vector<ipam::RangeSet> parse_sets(const cni::Request& request, const cni::Fields& ipam);

}  // namespace host_local

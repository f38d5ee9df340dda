// SPDX-License-Identifier: Apache-2.0
// The address ranges of the configuration.
#pragma once

#include <vector>

#include "lib/cni/request.h"
#include "lib/ipam/range.h"

namespace host_local {

// Config::sets, without the addresses of ipam.exclude. ipam: that object. Throws cni::Error code 7.
std::vector<ipam::RangeSet> parse_sets(const cni::Request& request, const cni::Fields& ipam);

}  // namespace host_local

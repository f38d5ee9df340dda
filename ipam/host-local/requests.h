// SPDX-License-Identifier: Apache-2.0
// The addresses that a caller requests.
#pragma once

#include <vector>

#include "lib/cni/request.h"
#include "lib/net/address.h"

namespace host_local {

// Config::requested. Throws cni::Error: code 7, or 4 for CNI_ARGS.
std::vector<net::Address> parse_requests(const cni::Request& request);

}  // namespace host_local

// SPDX-License-Identifier: Apache-2.0
// Which addresses a caller asks host-local for.
#pragma once

#include <vector>

#include "lib/cni/request.h"
#include "lib/net/address.h"

namespace host_local {

// Config::requested. Throws cni::Error: code 7, for CNI_ARGS 4.
std::vector<net::Address> parse_requests(const cni::Request& request);

}  // namespace host_local

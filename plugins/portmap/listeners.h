// SPDX-License-Identifier: Apache-2.0
// Host processes that listen on a published port.
#pragma once

#include <vector>

#include "lib/net/prefix.h"
#include "plugins/portmap/config.h"

namespace portmap {

// Warns of each such process: new connections to its port go to the container. The runtime that started this plugin may
// reserve the port with a socket; that causes no warning. SCTP is not checked. Must run in the host's namespace. Never
// throws.
void warn_of_listeners(const Config& config, const std::vector<net::Prefix>& container_addresses);

}  // namespace portmap

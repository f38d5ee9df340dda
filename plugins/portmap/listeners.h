// SPDX-License-Identifier: Apache-2.0
// Processes of the host that listen on a port which is published.
#pragma once

#include <vector>

#include "lib/net/prefix.h"
#include "plugins/portmap/config.h"

namespace portmap {

// Warns of each: from now on the container gets what was meant for the process. A socket of the runtime that has started this
// plugin is there on purpose, to reserve the port. SCTP is not looked at. Never throws. In the host's namespace.
void warn_of_listeners(const Config& config, const std::vector<net::Prefix>& container_addresses);

}  // namespace portmap

// SPDX-License-Identifier: Apache-2.0
// Would ADD take a network's configuration? Asked without a container, and without a look at the host.
#pragma once

#include <string>
#include <vector>

#include "cli/cni/conflist.h"

namespace cli {

// Reads the configuration of each plugin that is one of ours, and of its IPAM plugin, as its ADD does. what: begins the messages.
// A type like cnv-bridge is one of ours if it is among `links`, which are about to be made, or is this executable in `path`.
// Throws cni::Error: the plugin's own, with its type before the text.
void require_readable(const Conflist& network, const std::string& what, const std::vector<std::string>& links,
                      const std::vector<std::string>& path);

}  // namespace cli

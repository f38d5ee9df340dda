// SPDX-License-Identifier: Apache-2.0
// Checks whether ADD would accept a network's configuration, without a container and without reading the host.
#pragma once

#include <string>
#include <vector>

#include "cli/cni/conflist.h"

namespace cli {

// Parses the configuration of each of our plugins, and of its IPAM plugin, as its ADD does. what: begins the messages.
// A type like cnv-bridge is ours if it is in `links`, which will be created, or if it is this executable in `path`.
// Throws the plugin's cni::Error, with its type before the text.
void require_readable(const Conflist& network, const std::string& what, const std::vector<std::string>& links,
                      const std::vector<std::string>& path);

}  // namespace cli

// SPDX-License-Identifier: Apache-2.0
// Settings of a command: an option, else the environment, else the default.
#pragma once

#include <string>
#include <vector>

#include "cli/cni/attachment.h"
#include "cli/cni/conflist.h"
#include "cli/commands.h"

namespace cli {

// --conf, NETCONFPATH (as cnitool), /etc/cni/net.d: a folder or a file.
std::string conf_path(const AttachOptions& options);

// --cache, FOOTBRIDGE_CACHE, /var/lib/cni.
std::string cache_folder(const AttachOptions& options);

// --plugins, CNI_PATH, the folder of this executable.
std::vector<std::string> plugin_folders(const AttachOptions& options);

// The attachment that the options describe. Throws std::invalid_argument for a wrong --port, --ip or --mac.
Attachment attachment_of(const AttachOptions& options);

}  // namespace cli

// SPDX-License-Identifier: Apache-2.0
// Where things are: an option, else the environment, else the customary place.
#pragma once

#include <string>
#include <vector>

#include "cli/cni/attachment.h"
#include "cli/cni/conflist.h"
#include "cli/commands.h"

namespace cli {

// --conf, NETCONFPATH (as cnitool), /etc/cni/net.d.
std::string conf_folder(const AttachOptions& options);

// --cache, FOOTBRIDGE_CACHE, /var/lib/cni.
std::string cache_folder(const AttachOptions& options);

// --plugins, CNI_PATH, the folder that this executable is in.
std::vector<std::string> plugin_folders(const AttachOptions& options);

// The attachment that the options speak of. Throws std::invalid_argument for a --port, --ip or --mac that is none.
Attachment attachment_of(const AttachOptions& options);

}  // namespace cli

// SPDX-License-Identifier: Apache-2.0
// footbridge version.

#include <cstdio>

#include "cli/commands.h"
#include "footbridge_version.h"
#include "lib/cni/version.h"

namespace cli {

int version(std::span<const cni::Plugin* const> plugins) {
  std::string names;
  for (const cni::Plugin* plugin : plugins) names += " " + std::string(plugin->name);
  std::printf("footbridge %s\nplugins:%s\nCNI protocol versions: %s\n", FOOTBRIDGE_VERSION, names.c_str(),
              cni::list(cni::kAllVersions, " ", false).c_str());
  return 0;
}

}  // namespace cli

// SPDX-License-Identifier: Apache-2.0
// CHECK of the bridge plugin.
#pragma once

#include "lib/cni/result.h"
#include "lib/plan/check.h"
#include "lib/plan/kernel.h"
#include "plugins/bridge/config.h"

namespace bridge {

// Compares links, addresses, routes, gateway and masquerading with what ADD created. Objects are found by the names in
// prevResult. Values that a later plugin of the chain may have changed are taken from prevResult, which that plugin has
// updated.
plan::Differences compare(plan::Kernel& kernel, const Config& config, const cni::Result& previous);

}  // namespace bridge

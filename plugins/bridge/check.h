// SPDX-License-Identifier: Apache-2.0
// What CHECK of the bridge plugin compares.
#pragma once

#include "lib/cni/result.h"
#include "lib/plan/check.h"
#include "lib/plan/kernel.h"
#include "plugins/bridge/config.h"

namespace bridge {

// Links, addresses, routes, gateway and masquerading as ADD left them, found by name in prevResult. What a later plugin of
// the chain may have changed since is taken from prevResult, which that plugin changed too.
plan::Differences compare(plan::Kernel& kernel, const Config& config, const cni::Result& previous);

}  // namespace bridge

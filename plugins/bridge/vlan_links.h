// SPDX-License-Identifier: Apache-2.0
// Applying VLANs to the kernel, and comparing them.
#pragma once

#include "lib/cni/result.h"
#include "lib/plan/check.h"
#include "lib/plan/kernel.h"
#include "plugins/bridge/config.h"
#include "plugins/bridge/seen.h"

namespace bridge {

// Puts the container's port into its VLANs and turns on VLAN filtering. Does nothing if no VLANs are configured.
void join_vlans(plan::Kernel& kernel, const Config& config, Links& links);

// Creates the VLAN gateway if it does not exist, and brings it up in its VLAN. Concurrent first ADDs are safe.
netlink::Link ensure_vlan_gateway(plan::Kernel& kernel, const Config& config, const Links& links);

// Throws a clearer error if a step failed only because the kernel cannot filter VLANs.
void explain_missing_vlans(plan::Kernel& kernel, const Config& config, const std::system_error& error);

// For CHECK: VLAN filtering, the port's VLANs (others only with preserveDefaultVlan), and the VLAN gateway.
void compare_vlans(plan::Differences& differences, plan::Kernel& kernel, const Config& config, const Seen& seen);
void compare_vlan_gateway(plan::Differences& differences, plan::Kernel& kernel, const Config& config, const Seen& seen,
                          const cni::Result& previous);

// For STATUS: throws cni::Error code 50 if the kernel cannot filter VLANs. Cannot always be determined before a bridge
// exists.
void check_vlans(plan::Kernel& kernel, const Config& config, bool has_bridge);

}  // namespace bridge

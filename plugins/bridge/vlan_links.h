// SPDX-License-Identifier: Apache-2.0
// VLANs brought to the kernel, and compared with it.
#pragma once

#include "lib/cni/result.h"
#include "lib/plan/check.h"
#include "lib/plan/kernel.h"
#include "plugins/bridge/config.h"
#include "plugins/bridge/seen.h"

namespace bridge {

// The container's port is in its VLANs, and the bridge filters. Nothing when no VLANs are asked for.
void join_vlans(plan::Kernel& kernel, const Config& config, Links& links);

// The VLAN's gateway is there, up, and in its VLAN; whoever made it: several first ADDs at once each find it or make it.
netlink::Link ensure_vlan_gateway(plan::Kernel& kernel, const Config& config, const Links& links);

// A failed step of links as an error that says so if all that is wrong is a kernel that cannot filter VLANs.
void explain_missing_vlans(plan::Kernel& kernel, const Config& config, const std::system_error& error);

// CHECK: the bridge filters, the port is in its VLANs, and in no others unless the default one was to be kept; the gateway.
void compare_vlans(plan::Differences& differences, plan::Kernel& kernel, const Config& config, const Seen& seen);
void compare_vlan_gateway(plan::Differences& differences, plan::Kernel& kernel, const Config& config, const Seen& seen,
                          const cni::Result& previous);

// STATUS: throws cni::Error code 50 when the kernel cannot filter VLANs, as far as one can tell before there is a bridge.
void check_vlans(plan::Kernel& kernel, const Config& config, bool has_bridge);

}  // namespace bridge

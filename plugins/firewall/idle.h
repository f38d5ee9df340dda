// SPDX-License-Identifier: Apache-2.0
// Deleting policies of bridges without containers.
//
// A container that relies on a policy has elements that are deleted with it: its addresses in forwarded4 or forwarded6,
// or its port in `isolated`. They change in the same transactions as the policy. The existence of a port proves
// nothing: links of containers with concurrent DELs outlive the firewall plugin's DEL.
#pragma once

#include <string>

#include "lib/plan/kernel.h"

namespace firewall {

// Deletes the policy of that bridge, or of all bridges for "", if no container other than `leaving` relies on it.
// leaving: the host end of a container, "" for none. With ptp, each container's host end counts as a bridge.
void remove_idle_policies(plan::Kernel& kernel, const std::string& bridge, const std::string& leaving);

}  // namespace firewall

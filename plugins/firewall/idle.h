// SPDX-License-Identifier: Apache-2.0
// Policies of bridges that no container relies on any more.
//
// Whoever relies on one has elements of ours that go with it: its addresses in forwarded4 or forwarded6, or its port in
// `isolated`. They come and go by the same transactions as the policy, so a port that is still there, or already, says nothing:
// the links of containers whose DELs run beside each other all outlive the firewall plugin's part.
#pragma once

#include <string>

#include "lib/plan/kernel.h"

namespace firewall {

// Removes the policy of that bridge, or those of all bridges for "", where nobody relies on it but `leaving`, the host's end
// of a container ("" for none). With ptp each container's host end is a bridge of its own.
void remove_idle_policies(plan::Kernel& kernel, const std::string& bridge, const std::string& leaving);

}  // namespace firewall

// SPDX-License-Identifier: Apache-2.0
// What the firewall plugin observes in nf_tables before it plans.
#pragma once

#include "lib/plan/kernel.h"
#include "plugins/firewall/plan.h"

namespace firewall {

// has_firewalld: see observe_forward_drops.
Seen observe(plan::Kernel& kernel, const Wanted& wanted, bool has_firewalld);

}  // namespace firewall

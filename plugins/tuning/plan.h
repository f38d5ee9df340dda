// SPDX-License-Identifier: Apache-2.0
// What tuning does to the kernel, as plans.
#pragma once

#include "lib/cni/result.h"
#include "lib/plan/check.h"
#include "lib/plan/plan.h"
#include "plugins/tuning/backup.h"
#include "plugins/tuning/config.h"
#include "plugins/tuning/seen.h"

namespace tuning {

// The sysctls in their order, each a plan of its own: one that the kernel refuses may be taken after another.
std::vector<plan::Plan> plan_sysctls(const Config& config);

// The interface, in one message.
plan::Plan plan_interface(const Config& config);

// The sysctls as they were seen, as plan_sysctls(). Those that had no value have none to come back to.
std::vector<plan::Plan> plan_untune(const Config& config, const Seen& seen);

// What is to be kept of the link that was seen, for its DEL. kept: what an earlier ADD without a DEL has left; of the same link it is the older
// truth, and stays.
Backup plan_backup(const Config& config, const Seen& seen, const std::optional<Backup>& kept);

// The result that came in, with the interface's new MAC and MTU.
cni::Result describe(cni::Result previous, const Config& config);

// What CHECK finds to be otherwise. Only what is configured is looked at.
void compare(plan::Differences& differences, const Config& config, const Seen& seen);

// Throws cni::Error code 7 when the container has an IPv6 address on the interface, and the MTU would take it away: the kernel
// has IPv6 on no link with less than 1280 bytes (RFC 8200, 5).
void refuse_mtu_without_ipv6(const Config& config, const cni::Result& previous);

}  // namespace tuning

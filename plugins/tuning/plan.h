// SPDX-License-Identifier: Apache-2.0
// Plans for the tuning plugin's changes to the kernel.
#pragma once

#include "lib/cni/result.h"
#include "lib/plan/check.h"
#include "lib/plan/plan.h"
#include "plugins/tuning/backup.h"
#include "plugins/tuning/config.h"
#include "plugins/tuning/seen.h"

namespace tuning {

// The sysctls in their order, one plan each: the kernel may accept a rejected value after another sysctl is set.
std::vector<plan::Plan> plan_sysctls(const Config& config);

// The interface's attributes, in one message.
plan::Plan plan_interface(const Config& config);

// The sysctls with their previous values, as plan_sysctls(). Sysctls without a readable value are skipped.
std::vector<plan::Plan> plan_restore_sysctls(const Config& config, const Seen& seen);

// The backup of the link. earlier: the backup of an earlier ADD without a DEL. If it describes the same link, its
// values are older and are kept.
Backup plan_backup(const Config& config, const Seen& seen, const std::optional<Backup>& earlier);

// The previous result, with the interface's new MAC address and MTU.
cni::Result describe(cni::Result previous, const Config& config);

// The differences that CHECK reports. Only configured sysctls and attributes are compared.
void compare(plan::Differences& differences, const Config& config, const Seen& seen);

// Throws cni::Error code 7 if the container has an IPv6 address on the interface and the MTU would delete it: the
// kernel disables IPv6 on links with an MTU below 1280 bytes (RFC 8200, section 5).
void require_ipv6_mtu(const Config& config, const cni::Result& previous);

}  // namespace tuning

// SPDX-License-Identifier: Apache-2.0
// Which boot of this machine it is. No network namespace outlives a boot, so no address of an earlier one is in use.
#pragma once

#include <string>

namespace ipam {

// The kernel's random number for this boot, /proc/sys/kernel/random/boot_id (random(4)); "" when it cannot be read, and
// then nothing is known of earlier boots.
std::string current_boot();

}  // namespace ipam

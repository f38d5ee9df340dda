// SPDX-License-Identifier: Apache-2.0
// The current boot. Network namespaces do not outlive a boot, so addresses of an earlier boot are not in use.
#pragma once

#include <string>

namespace ipam {

// The kernel's random id of this boot, /proc/sys/kernel/random/boot_id (random(4)). "" if it cannot be read; then
// earlier boots are unknown.
std::string current_boot();

}  // namespace ipam

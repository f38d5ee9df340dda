// SPDX-License-Identifier: Apache-2.0
// Devices below /sys (sysfs(5)): their drivers and network interfaces.
#pragma once

#include <optional>
#include <set>
#include <string>

namespace attachment {

// The names of the interfaces of the device with that folder. A virtio device has them one folder further down.
std::set<std::string> interfaces_in(const std::string& folder);

// The name of its driver; nullopt if it has none, or if there is no such device.
std::optional<std::string> driver_in(const std::string& folder);

}  // namespace attachment

// SPDX-License-Identifier: Apache-2.0
#include "lib/ipam/boot.h"

#include <system_error>

#include "lib/os/file.h"

namespace ipam {

std::string current_boot() {
  constexpr std::size_t kLongest = 128;
  try {
    std::string id = os::read_file("/proc/sys/kernel/random/boot_id", kLongest).value_or("");
    return id.substr(0, id.find_first_of(" \r\n"));
  } catch (const std::system_error&) {
    return {};
  }
}

}  // namespace ipam

// SPDX-License-Identifier: Apache-2.0
// The interface and the sysctls as ADD or CHECK finds them in the kernel.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "lib/plan/kernel.h"
#include "plugins/tuning/config.h"

namespace tuning {

struct Seen {
  std::optional<netlink::Link> link;  // only if attributes are configured
  std::vector<sysctl::Seen> sysctls;  // in the order of config.sysctls
  std::uint64_t netns = 0;            // of the container: netlink::Socket::netns_cookie()
};

Seen observe(plan::Kernel& kernel, const Config& config);

}  // namespace tuning

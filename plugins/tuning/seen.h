// SPDX-License-Identifier: Apache-2.0
// What is there before ADD, or when CHECK looks: the interface, and the sysctls.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "lib/plan/kernel.h"
#include "plugins/tuning/config.h"

namespace tuning {

struct Seen {
  std::optional<netlink::Link> link;  // where attributes are configured
  std::vector<sysctl::Seen> sysctls;  // in the order of the configuration's
  std::uint64_t netns = 0;            // the container's: netlink::Socket::netns_cookie()
};

Seen observe(plan::Kernel& kernel, const Config& config);

}  // namespace tuning

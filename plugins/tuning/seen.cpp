// SPDX-License-Identifier: Apache-2.0
#include "plugins/tuning/seen.h"

#include <string>

namespace tuning {

Seen observe(plan::Kernel& kernel, const Config& config) {
  Seen seen;
  seen.netns = kernel.container().netns_cookie();
  if (!config.wanted.empty()) seen.link = netlink::observe_link(kernel.container(), net::IfName(config.owner.ifname));
  std::vector<std::string> keys;
  keys.reserve(config.sysctls.size());
  for (const Sysctl& one : config.sysctls) keys.push_back(one.path);
  if (!keys.empty()) seen.sysctls = kernel.container_sysctls(keys);
  return seen;
}

}  // namespace tuning

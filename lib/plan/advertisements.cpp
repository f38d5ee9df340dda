// SPDX-License-Identifier: Apache-2.0
#include "lib/plan/advertisements.h"

#include <fcntl.h>

#include <exception>
#include <string>

#include "lib/log/log.h"
#include "lib/os/file.h"
#include "lib/sysctl/sysctl.h"

namespace plan {
namespace {

// "all" has no effect on links. "default" is for future links, possibly of other programs, which must not trust
// containers.
bool is_link(const std::string& name) { return name != "all" && name != "default" && name != "lo"; }

void keep(const std::string& link) {
  const std::string folder = "net/ipv6/conf/" + link;
  const sysctl::Setting setting{folder + "/accept_ra", "2", true, true};
  if (sysctl::read(setting.key) != "1" || sysctl::read(folder + "/forwarding") != "0") return;
  try {
    sysctl::apply(setting);
    logging::record_action(sysctl::text(setting));
  } catch (const std::exception& error) {
    logging::warn("IPv6 forwarding disables router advertisements on " + link + ": " + error.what() +
                  "; the default route and addresses from them will expire: set accept_ra to 2, or configure the link "
                  "statically");
  }
}

}  // namespace

void keep_router_advertisements() try {
  const os::Fd links = os::open_file("/proc/sys/net/ipv6/conf", O_RDONLY | O_DIRECTORY);
  os::for_each_entry(links.get(), [](const std::string& name) {
    if (is_link(name)) keep(name);
  });
} catch (const std::exception& error) {
  logging::warn(std::string("IPv6 forwarding disables router advertisements on links with accept_ra = 1: ") +
                error.what());
}

}  // namespace plan

#include "lib/attachment/ready.h"

#include <chrono>

#include "lib/cni/error.h"
#include "lib/netlink/link_watch.h"

namespace attachment {

netlink::Link present(std::optional<netlink::Link> link, const net::IfName& name) {
  if (link) return std::move(*link);
  throw cni::Error(cni::kTryAgain, "link " + name.text() + " vanished while it was being set up",
                   "something else removes links on this host; try again");
}

bool wait_for_link(plan::Kernel& kernel, const net::IfName& name,
                   const std::function<bool(const netlink::Link&)>& is_as_wanted) {
  constexpr std::chrono::milliseconds kDeadline{2500};
  const auto is_ready = [&] {
    const auto link = netlink::observe_link(kernel.host(), name);
    return link && link->is_running && is_as_wanted(*link);
  };
  if (is_ready()) return true;
  netlink::LinkWatch watch;
  return watch.wait(is_ready, kDeadline);
}

void wait_until_running(plan::Kernel& kernel, const net::IfName& name) {
  if (wait_for_link(kernel, name, [](const netlink::Link&) { return true; })) return;
  throw cni::Error(cni::kTryAgain, "link " + name.text() + " does not come to run",
                   "its other end, in the container, is down or gone");
}

}  // namespace attachment

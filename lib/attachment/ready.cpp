// SPDX-License-Identifier: Apache-2.0
#include "lib/attachment/ready.h"

#include <linux/rtnetlink.h>

#include <algorithm>
#include <chrono>

#include "lib/cni/error.h"
#include "lib/log/log.h"
#include "lib/netlink/link_watch.h"
#include "lib/netlink/route.h"

namespace attachment {

cni::Error vanished(const net::IfName& name) {
  return {cni::kTryAgain, "link " + name.text() + " disappeared during its setup",
          "another program deletes links on this host; try again"};
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
  throw cni::Error(cni::kTryAgain, "link " + name.text() + " did not come up within 2.5 s",
                   "its peer in the container is down or deleted");
}

void wait_until_in_use(plan::Kernel& kernel, plan::Where where, const std::vector<net::Address>& addresses) {
  constexpr std::chrono::milliseconds kDeadline{1000};
  netlink::Socket& socket = where == plan::Where::host ? kernel.host() : kernel.container();
  const auto are_in_use = [&] {
    return std::all_of(addresses.begin(), addresses.end(), [&](const net::Address& address) {
      return address.is_v4() || netlink::is_local(socket, address);
    });
  };
  if (are_in_use()) return;
  if (kernel.watch(where, RTMGRP_IPV6_ROUTE | RTMGRP_IPV6_IFADDR).wait(are_in_use, kDeadline)) return;
  logging::warn("an IPv6 address is not usable 1 s after it was added: its link is not running");
}

}  // namespace attachment

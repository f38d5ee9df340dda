// SPDX-License-Identifier: Apache-2.0
// Waiting for a link to change: for the kernel's notice with a deadline, never a sleep.
#pragma once

#include <linux/rtnetlink.h>

#include <chrono>
#include <functional>

#include "lib/net/ifname.h"
#include "lib/netlink/socket.h"

namespace netlink {

class LinkWatch {
 public:
  // Hears of every change from now on, in the namespace that the thread is in. groups: RTMGRP_*, for waiting for something
  // else than links. Throws std::system_error.
  explicit LinkWatch(unsigned groups = RTMGRP_LINK);

  // Asks `is_so` now and after each notice, of `other` too, a socket with groups of another protocol; false when it was not so
  // by the deadline.
  bool wait(const std::function<bool()>& is_so, std::chrono::milliseconds deadline, Socket* other = nullptr);

  // Until the kernel tells that the link of that name is gone: nobody sees it any more, and its name is free. Asks nothing,
  // so the watch must be older than the deletion. false when it was not told so by the deadline, when notices were lost, or
  // when the descriptor `otherwise` became readable first.
  bool wait_gone(const net::IfName& name, int otherwise, std::chrono::milliseconds deadline);

 private:
  Socket socket_;
};

}  // namespace netlink

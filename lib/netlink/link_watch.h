// SPDX-License-Identifier: Apache-2.0
// Waiting for a link to change, by the kernel's notifications and with a deadline.
#pragma once

#include <linux/rtnetlink.h>

#include <chrono>
#include <functional>

#include "lib/net/ifname.h"
#include "lib/netlink/socket.h"

namespace netlink {

class LinkWatch {
 public:
  // Subscribes to all changes from now on, in the thread's network namespace. groups: RTMGRP_*, to wait for other
  // objects than links. Throws std::system_error.
  explicit LinkWatch(unsigned groups = RTMGRP_LINK);

  // Calls `is_so` now and after each notification, also of `other`, a socket with multicast groups of another protocol.
  // Returns false if it did not hold by the deadline.
  bool wait(const std::function<bool()>& is_so, std::chrono::milliseconds deadline, Socket* other = nullptr);

  // Waits until the kernel reports that the link with that name is gone, so that it is invisible and its name is free.
  // Sends no request, so the watch must exist before the deletion. Returns false at the deadline, if notifications were
  // lost, or if the descriptor `otherwise` became readable first.
  bool wait_gone(const net::IfName& name, int otherwise, std::chrono::milliseconds deadline);

 private:
  Socket socket_;
};

}  // namespace netlink

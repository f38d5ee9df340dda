// SPDX-License-Identifier: Apache-2.0
// One call at a time for one attachment: concurrent ADD and DEL of the same owner would undo each other's work.
#pragma once

#include "lib/net/owner.h"
#include "lib/os/lock.h"

namespace attachment {

class Lock {
 public:
  // Waits for the running call for up to a minute (a call that waits for its IPAM plugin may need longer), then throws
  // std::system_error (ETIMEDOUT) with the owner and the process that holds the lock. The lock belongs to the host's
  // network namespace, leaves nothing behind and ends with the process.
  explicit Lock(const net::Owner& owner);

 private:
  os::NameLock lock_;
};

}  // namespace attachment

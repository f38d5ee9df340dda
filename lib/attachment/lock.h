// SPDX-License-Identifier: Apache-2.0
// One call at a time for one attachment: an ADD beside another ADD or a DEL of the same owner would undo the other's work.
#pragma once

#include "lib/net/owner.h"
#include "lib/os/lock.h"

namespace attachment {

class Lock {
 public:
  // Waits for the call that is at work, a minute at the most (one that waits for its IPAM plugin may need longer), and then throws std::system_error (ETIMEDOUT) with the owner and the process at work. The lock belongs to the host's
  // network namespace, leaves nothing behind and ends with the process.
  explicit Lock(const net::Owner& owner);

 private:
  os::NameLock lock_;
};

}  // namespace attachment

// SPDX-License-Identifier: Apache-2.0
#include "lib/attachment/lock.h"

#include <chrono>

namespace attachment {

// The host end's name represents the owner, whose text may be too long for a socket's name.
Lock::Lock(const net::Owner& owner) : lock_("footbridge/" + owner.host_end().text(), std::chrono::minutes(1)) {}

}  // namespace attachment

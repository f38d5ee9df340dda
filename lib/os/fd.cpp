// SPDX-License-Identifier: Apache-2.0
#include "lib/os/fd.h"

#include <unistd.h>

namespace os {

void Fd::reset() {
  if (fd_ >= 0) ::close(fd_);
  fd_ = -1;
}

}  // namespace os

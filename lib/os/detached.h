// SPDX-License-Identifier: Apache-2.0
// Work in a child process, for system calls that block and whose result may come later.
//
// The child is a copy of this process (fork(2)) with only the descriptors in `keep`. It keeps no pipe of the caller
// and no namespace open. Its working directory is "/", and it has its own session. It may outlive this process; init
// then reaps it.
//
// Closing a descriptor can itself block. The child closes its descriptors last: after this process has closed its own
// copies and this object (or the process) is gone.
#pragma once

#include <functional>
#include <span>

#include "lib/os/fd.h"

namespace os {

class Detached {
 public:
  // Starts the work. Exceptions of the work are kept for wait(). Throws std::system_error if fork(2) fails.
  Detached(std::span<const int> keep, const std::function<void()>& work);

  // Readable when the work has ended, with or without an error.
  [[nodiscard]] int fd() const { return tie_.get(); }

  // Waits for the end of the work. Throws the work's exception as std::system_error, or EPIPE if the child died
  // before.
  void wait();

 private:
  Fd tie_;  // the socket to the child: it reports its error here, and notices when this end closes
};

}  // namespace os

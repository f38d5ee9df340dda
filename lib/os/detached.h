// SPDX-License-Identifier: Apache-2.0
// Work that the kernel keeps its caller waiting with, done by a child process that nobody has to wait for.
//
// The child is a copy of this process (fork(2)) with only the descriptors that it was told to keep: it holds no pipe of the
// caller's open, and no namespace, and stands in "/" and in a session of its own. It outlives this process if its work
// takes longer; init reaps it then.
//
// What it keeps it also gives up last: closing a descriptor can itself be what keeps one waiting, so that the child lets go
// only once this process has closed its own copies, and it has noticed that by the end of this object (or process).
#pragma once

#include <functional>
#include <span>

#include "lib/os/fd.h"

namespace os {

class Detached {
 public:
  // Starts the work. What it throws is kept for wait(). Throws std::system_error when no process can be made.
  Detached(std::span<const int> keep, const std::function<void()>& work);

  // Readable once the work has come to its end, well or not.
  [[nodiscard]] int fd() const { return tie_.get(); }

  // Waits for that end. Throws what the work threw, as std::system_error; EPIPE when the child died instead of telling.
  void wait();

 private:
  Fd tie_;  // to the child: it tells its failure here, and sees when we are gone
};

}  // namespace os

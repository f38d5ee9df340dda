// SPDX-License-Identifier: Apache-2.0
// Locks between processes: flock(2) on a lock file, and a name that only one process can have.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <string>

#include "lib/os/fd.h"

namespace os {

// An exclusive flock(2) until destroyed. It also excludes other programs that lock the same file.
class FileLock {
 public:
  // Creates the file if it is absent (O_CREAT | O_RDONLY, mode before umask) and waits at most `timeout` for the
  // lock. Waiters get it in their order of arrival. Throws std::system_error: "open <name>: ...", "lock <name>: ...",
  // and ETIMEDOUT "lock <name>: waited 30 s for process 1234 (host-local): ..." if it does not become free.
  FileLock(int directory, const std::string& name, mode_t mode, std::chrono::milliseconds timeout);

 private:
  Fd file_;
};

// An exclusive flock(2) on an open file. Returns false if it does not become free in time. Throws std::system_error if
// the file cannot be locked at all.
bool lock_within(int fd, std::chrono::milliseconds timeout);

// An abstract unix(7) socket name. It belongs to the network namespace and leaves no file behind. It is held until
// destroyed or until the process dies. Waiters wait for the end of the owner; they do not poll.
class NameLock {
 public:
  // name: at most 106 bytes. Throws std::system_error (ETIMEDOUT) "lock <name>: waited 60 s for process 1234 (bridge):
  // ..." if it does not become free in time. Any process may take such a name, also to block us; therefore the error
  // names it.
  NameLock(const std::string& name, std::chrono::milliseconds timeout);

 private:
  Fd socket_;
};

}  // namespace os

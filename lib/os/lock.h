// SPDX-License-Identifier: Apache-2.0
// Locks between processes: flock(2) on a file that exists for nothing else, and a name that one process at a time can have.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <string>

#include "lib/os/fd.h"

namespace os {

// Exclusive until destroyed. Other processes that lock the same file, whatever program they are, wait for us.
class FileLock {
 public:
  // Creates the file when it is absent (O_CREAT | O_RDONLY, mode before umask) and waits for the lock, `patience` at the most.
  // Those who wait get it in the order in which they came. Throws std::system_error: "open <name>: ...", "lock <name>: ...",
  // and ETIMEDOUT "lock <name>: waited 30 s for process 1234 (host-local): ..." for one that was not free in time.
  FileLock(int directory, const std::string& name, mode_t mode, std::chrono::milliseconds patience);

 private:
  Fd file_;
};

// flock(2), exclusive, of a file that may be locked already, within that time. false when it was not to be had. Throws
// std::system_error when the file cannot be locked at all.
bool lock_within(int fd, std::chrono::milliseconds patience);

// A name in the abstract namespace of unix(7) sockets, which belongs to the network namespace and leaves no file behind:
// held until destroyed or until the process dies. Others wait for the holder's end, not for a time to pass.
class NameLock {
 public:
  // name: at most 106 bytes. Throws std::system_error (ETIMEDOUT) "lock <name>: waited 60 s for process 1234 (bridge): ..."
  // when it is not free within that time. Anybody may take such a name, also in order to keep us waiting: the error says who.
  NameLock(const std::string& name, std::chrono::milliseconds patience);

 private:
  Fd socket_;
};

}  // namespace os

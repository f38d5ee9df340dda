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
  // Creates the file when it is absent (O_CREAT | O_RDONLY, mode before umask) and waits for the lock.
  // Throws std::system_error: "open <name>: ...", "lock <name>: ...".
  FileLock(int directory, const std::string& name, mode_t mode);

 private:
  Fd file_;
};

// A name in the abstract namespace of unix(7) sockets, which belongs to the network namespace and leaves no file behind:
// held until destroyed or until the process dies. Others wait for the holder's end, not for a time to pass.
class NameLock {
 public:
  // name: at most 106 bytes. Throws std::system_error (ETIMEDOUT) "lock <name>: ..." when it is not free by the deadline.
  NameLock(const std::string& name, std::chrono::milliseconds deadline);

 private:
  Fd socket_;
};

}  // namespace os

// flock(2) on a file that exists for nothing else.
#pragma once

#include <sys/types.h>

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

}  // namespace os

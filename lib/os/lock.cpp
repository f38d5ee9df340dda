#include "lib/os/lock.h"

#include <fcntl.h>
#include <sys/file.h>

#include <cerrno>

#include "lib/os/error.h"
#include "lib/os/file.h"

namespace os {

FileLock::FileLock(int directory, const std::string& name, mode_t mode)
    : file_(open_file_at(directory, name, O_RDONLY | O_CREAT, mode)) {
  while (::flock(file_.get(), LOCK_EX) != 0) {
    if (errno != EINTR) throw last_error("lock " + name);
  }
}

}  // namespace os

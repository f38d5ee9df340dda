#include "lib/os/writable.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "lib/os/error.h"
#include "lib/os/fd.h"

namespace os {
namespace {

// The directory itself, or the nearest one above it that is there.
std::string existing_part(std::string path) {
  struct stat status {};
  struct stat link {};
  while (::stat(path.c_str(), &status) != 0) {
    const int failed = errno;
    const bool is_dangling = ::lstat(path.c_str(), &link) == 0;  // mkdir(2) would not go through it
    if (failed != ENOENT || is_dangling) throw error(failed, "open " + path);
    const std::size_t end = path.find_last_not_of('/');
    const std::size_t slash = end == std::string::npos ? end : path.rfind('/', end);
    if (slash == std::string::npos) return ".";
    path.resize(slash == 0 ? 1 : slash);
  }
  if (!S_ISDIR(status.st_mode)) throw error(ENOTDIR, "open " + path);
  return path;
}

}  // namespace

void require_writable(const std::string& directory) {
  const std::string existing = existing_part(directory);
  const std::string what = (existing == directory ? "write to " : "make directories in ") + existing;
  // An unnamed file meets what access(2) does not know of, like a file system without free inodes.
  const Fd file(::open(existing.c_str(), O_WRONLY | O_TMPFILE | O_CLOEXEC, 0600));
  if (file) return;
  if (errno != EOPNOTSUPP && errno != EISDIR && errno != ENOENT) throw last_error(what);
  if (::faccessat(AT_FDCWD, existing.c_str(), W_OK | X_OK, AT_EACCESS) != 0) throw last_error(what);
}

}  // namespace os

// SPDX-License-Identifier: Apache-2.0
#include "lib/os/writable.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
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

// Are there a block and an inode that this user may take? Only root may take the reserved ones; a file system that has no limit
// counts none (tmpfs, btrfs).
bool has_room(const std::string& path) {
  struct statvfs space {};
  if (::statvfs(path.c_str(), &space) != 0) return true;
  const bool is_root = ::geteuid() == 0;
  const bool has_block = space.f_blocks == 0 || (is_root ? space.f_bfree : space.f_bavail) != 0;
  return has_block && (space.f_files == 0 || (is_root ? space.f_ffree : space.f_favail) != 0);
}

}  // namespace

void require_writable(const std::string& directory) {
  const std::string existing = existing_part(directory);
  const std::string what = (existing == directory ? "write to " : "make directories in ") + existing;
  // An unnamed file meets what access(2) does not know of, such as a quota of inodes.
  const Fd file(::open(existing.c_str(), O_WRONLY | O_TMPFILE | O_CLOEXEC, 0600));
  const bool is_unknown = errno == EOPNOTSUPP || errno == EISDIR || errno == ENOENT;
  if (!file && (!is_unknown || ::faccessat(AT_FDCWD, existing.c_str(), W_OK | X_OK, AT_EACCESS) != 0)) {
    throw last_error(what);
  }
  if (!has_room(existing)) throw error(ENOSPC, what);
}

}  // namespace os

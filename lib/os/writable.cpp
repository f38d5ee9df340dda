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

// The directory, or its nearest parent that exists.
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

// Is there a free block and a free inode for this user? Only root may use the reserved ones. A file system without
// limits (tmpfs, btrfs) reports 0 in total.
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
  // An unnamed file also finds what access(2) does not check, such as an inode quota.
  const Fd file(::open(existing.c_str(), O_WRONLY | O_TMPFILE | O_CLOEXEC, 0600));
  const bool is_unknown = errno == EOPNOTSUPP || errno == EISDIR || errno == ENOENT;
  if (!file && (!is_unknown || ::faccessat(AT_FDCWD, existing.c_str(), W_OK | X_OK, AT_EACCESS) != 0)) {
    throw last_error(what);
  }
  if (!has_room(existing)) throw error(ENOSPC, what);
}

}  // namespace os

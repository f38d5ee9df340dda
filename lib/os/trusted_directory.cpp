// SPDX-License-Identifier: Apache-2.0
#include "lib/os/trusted_directory.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <cstdio>
#include <vector>

#include "lib/os/error.h"
#include "lib/os/file.h"

namespace os {
namespace {

constexpr int kPathOnly = O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;

bool is_trusted_user(uid_t user) { return user == 0 || user == ::geteuid(); }

// Is it the user id that a process in a user namespace sees for files of unmapped users, such as the host's root in a
// rootless container?
bool is_unmapped(uid_t user) {
  constexpr std::size_t kLongest = 4096;
  const std::string overflow = read_file("/proc/sys/kernel/overflowuid", kLongest).value_or("65534\n");
  if (std::to_string(user) + "\n" != overflow) return false;
  const std::string map = read_file("/proc/self/uid_map", kLongest).value_or("4294967295");
  // A map of the whole range is the initial namespace, where the overflow id is an ordinary user.
  return map.find("4294967295") == std::string::npos;
}

// Parent directories may belong to users outside the namespace.
bool is_trusted_above(uid_t user) { return is_trusted_user(user) || is_unmapped(user); }

std::system_error rejection(const std::string& what) { return error(EPERM, what); }

std::string trusted_users() { return ::geteuid() == 0 ? "root" : "root or to user " + std::to_string(::geteuid()); }

std::string rights(const struct stat& status) {
  std::array<char, 8> mode{};
  std::snprintf(mode.data(), mode.size(), "%04o", status.st_mode & 07777U);
  return "user " + std::to_string(status.st_uid) + ", group " + std::to_string(status.st_gid) + ", mode " + mode.data();
}

struct stat status_of(int directory, const char* name, const std::string& path) {
  struct stat status {};
  if (::fstatat(directory, name, &status, AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH) != 0) throw last_error("stat " + path);
  return status;
}

// Group write permission was set by the trusted owner.
bool can_be_written_by_others(const struct stat& status) { return (status.st_mode & S_IWOTH) != 0; }

// may_be_shared: allows a directory that all can write to, if its sticky bit protects the entries of others.
void require_trusted(const struct stat& status, const std::string& path, bool may_be_shared) {
  if (!(may_be_shared ? is_trusted_above(status.st_uid) : is_trusted_user(status.st_uid)))
    throw rejection("directory " + path + " (" + rights(status) + ") must belong to " + trusted_users());
  const bool is_shared = may_be_shared && (status.st_mode & S_ISVTX) != 0;
  if (!is_shared && can_be_written_by_others(status))
    throw rejection("directory " + path + " (" + rights(status) + ") is writable by others; chmod o-w corrects it");
}

void require_trusted(int directory, const std::string& path) {
  require_trusted(status_of(directory, "", path), path, false);
  require_trusted(status_of(directory, "..", path + "/.."), path + "/..", true);
}

// Resolves a path part by part, as the kernel does, and checks the owners of symbolic links.
class Walk {
 public:
  explicit Walk(const std::string& path) : path_(path), at_(::open(path.starts_with('/') ? "/" : ".", kPathOnly)) {
    if (!at_) throw last_error("open " + path_);
    add(path);
    own_ = rest_.size();
  }

  // Returns false at the first part that does not exist.
  bool advance() {
    while (!rest_.empty()) {
      const std::string name = rest_.back();
      struct stat status {};
      if (::fstatat(at_.get(), name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0) {
        if (errno == ENOENT) return false;
        throw last_error("open " + path_);
      }
      rest_.pop_back();
      own_ = std::min(own_, rest_.size());
      S_ISLNK(status.st_mode) ? follow(name, status) : enter(name);
    }
    return true;
  }

  void make_next(mode_t mode) {
    require_place();
    if (::mkdirat(at_.get(), rest_.back().c_str(), mode) != 0 && errno != EEXIST)
      throw last_error("make directory " + path_);
  }

  // Throws if nothing may be created here. A link's target is never created: its disk may be unmounted.
  void require_place() const {
    if (is_dangling()) throw absence();
    os::require_trusted(status_of(at_.get(), "", seen()), seen(), true);
  }

  // The error for the missing part. Behind a dangling link a disk may be unmounted, so that is not "absent".
  [[nodiscard]] std::system_error absence() const {
    if (is_dangling()) return error(ESTALE, "open " + path_ + ": dangling symbolic link in path");
    return error(ENOENT, "open " + path_);
  }

  [[nodiscard]] Fd open() const {
    os::require_trusted(at_.get(), path_);
    Fd directory(::openat(at_.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!directory) throw last_error("open " + path_);
    return directory;
  }

 private:
  [[nodiscard]] bool is_dangling() const { return rest_.size() > own_; }

  // Puts the parts of `path` before the rest.
  void add(const std::string& path) {
    std::vector<std::string> parts;
    for (std::size_t at = 0; at < path.size();) {
      const std::size_t end = std::min(path.find('/', at), path.size());
      if (end > at && path.compare(at, end - at, ".") != 0) parts.push_back(path.substr(at, end - at));
      at = end + 1;
    }
    rest_.insert(rest_.end(), parts.rbegin(), parts.rend());
  }

  void enter(const std::string& name) {
    Fd next(::openat(at_.get(), name.c_str(), kPathOnly));
    if (!next) throw last_error("open " + path_);
    at_ = std::move(next);
  }

  void follow(const std::string& name, const struct stat& link) {
    constexpr int kMostLinks = 40;  // as the kernel
    if (++links_ > kMostLinks) throw error(ELOOP, "open " + path_);
    const struct stat place = status_of(at_.get(), "", path_);
    if (!is_trusted_above(link.st_uid) || !is_trusted_above(place.st_uid) || can_be_written_by_others(place)) {
      throw rejection("symbolic link " + seen() + "/" + name + " of user " + std::to_string(link.st_uid) +
                      " is not followed: the link and its directory (" + rights(place) + ") must belong to " +
                      trusted_users() + ", and others must not be able to write there");
    }
    std::array<char, PATH_MAX> target{};
    const ssize_t size = ::readlinkat(at_.get(), name.c_str(), target.data(), target.size());
    if (size < 0) throw last_error("open " + path_);
    const std::string to(target.data(), static_cast<std::size_t>(size));
    if (to.starts_with('/')) at_ = Fd(::open("/", kPathOnly));
    add(to);
  }

  // The kernel's path of the current directory.
  [[nodiscard]] std::string seen() const {
    std::array<char, PATH_MAX> text{};
    const std::string by_descriptor = "/proc/self/fd/" + std::to_string(at_.get());
    const ssize_t size = ::readlink(by_descriptor.c_str(), text.data(), text.size());
    return size > 0 ? std::string(text.data(), static_cast<std::size_t>(size)) : path_;
  }

  std::string path_;
  Fd at_;
  std::vector<std::string> rest_;  // the next part last
  std::size_t own_ = 0;            // how many of them come from the path itself, not from a link
  int links_ = 0;
};

// In one call (openat2(2), Linux 5.6), for the usual path without symbolic links.
Fd open_without_links(const std::string& path) {
  open_how how{};
  how.flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC;
  how.resolve = RESOLVE_NO_SYMLINKS;
  return Fd(static_cast<int>(::syscall(SYS_openat2, AT_FDCWD, path.c_str(), &how, sizeof how)));
}

}  // namespace

Fd open_trusted_directory(const std::string& path) {
  Fd directory = open_without_links(path);
  if (directory) {
    require_trusted(directory.get(), path);
    return directory;
  }
  // ELOOP: there is a link. ENOSYS, EPERM: an old kernel, or a seccomp filter that does not know openat2.
  if (errno != ELOOP && errno != ENOSYS && errno != EPERM) throw last_error("open " + path);
  Walk walk(path);
  if (!walk.advance()) throw walk.absence();
  return walk.open();
}

Fd make_trusted_directory(const std::string& path, mode_t mode) {
  Walk walk(path);
  while (!walk.advance()) walk.make_next(mode);
  return walk.open();
}

void require_trusted_directory(const std::string& path) {
  Walk walk(path);
  if (walk.advance()) {
    static_cast<void>(walk.open());
  } else {
    walk.require_place();
  }
}

}  // namespace os

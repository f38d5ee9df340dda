// SPDX-License-Identifier: Apache-2.0
#include "lib/os/file.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <memory>

#include "lib/os/error.h"

namespace os {
namespace {

bool is_absent(int error) { return error == ENOENT || error == ENOTDIR; }

std::string temporary_name(const std::string& name) { return "." + name + "." + std::to_string(::getpid()); }

// create_whole_at() on a file system without O_TMPFILE: writes a temporary name, links it, unlinks it.
bool create_by_temporary_name(int directory, const std::string& name, std::string_view content, mode_t mode,
                              const std::function<void(int)>& prepare) {
  const std::string temporary = temporary_name(name);
  ::unlinkat(directory, temporary.c_str(), 0);  // of a killed process that had the same pid
  Fd file = open_file_at(directory, temporary, O_WRONLY | O_CREAT | O_EXCL, mode);
  try {
    write_all(file.get(), content, "write " + name);
    if (prepare) prepare(file.get());
  } catch (...) {
    ::unlinkat(directory, temporary.c_str(), 0);
    throw;
  }
  const int failed = ::linkat(directory, temporary.c_str(), directory, name.c_str(), 0) == 0 ? 0 : errno;
  ::unlinkat(directory, temporary.c_str(), 0);
  if (failed != 0 && failed != EEXIST) throw error(failed, "create " + name);
  return failed == 0;
}

}  // namespace

const char* kind_of(mode_t mode) {
  switch (mode & S_IFMT) {
    case S_IFDIR: return "a directory";
    case S_IFIFO: return "a fifo";
    case S_IFSOCK: return "a socket";
    case S_IFLNK: return "a symbolic link";
    default: return "a device";
  }
}

Fd open_file(const std::string& path, int flags, mode_t mode) {
  Fd file(::open(path.c_str(), flags | O_CLOEXEC, mode));
  if (!file) throw last_error("open " + path);
  return file;
}

Fd open_file_at(int directory, const std::string& name, int flags, mode_t mode) {
  Fd file(::openat(directory, name.c_str(), flags | O_CLOEXEC | O_NOFOLLOW, mode));
  if (!file) throw last_error("open " + name);
  return file;
}

Fd open_regular_at(int directory, const std::string& name, int flags, mode_t mode) {
  struct stat status {};
  if (::fstatat(directory, name.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0) {
    if (S_ISLNK(status.st_mode)) throw error(ELOOP, "open " + name);
    if (!S_ISREG(status.st_mode)) throw error(EINVAL, "open " + name + ", " + kind_of(status.st_mode));
  } else if (errno != ENOENT) {
    throw last_error("open " + name);
  }
  return open_file_at(directory, name, flags | O_NONBLOCK, mode);
}

std::string read_all(int fd, std::size_t limit, std::string_view what) {
  std::string content;
  std::array<char, 16384> buffer;  // NOLINT(cppcoreguidelines-pro-type-member-init): read(2) fills it
  for (;;) {
    const ssize_t count = ::read(fd, buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) throw last_error(what);
    if (count == 0) return content;
    if (content.size() + static_cast<std::size_t>(count) > limit) throw error(EFBIG, what);
    content.append(buffer.data(), static_cast<std::size_t>(count));
  }
}

std::optional<std::string> read_file(const std::string& path, std::size_t limit) {
  Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (!file && is_absent(errno)) return std::nullopt;
  if (!file) throw last_error("open " + path);
  return read_all(file.get(), limit, "read " + path);
}

std::optional<std::string> read_file_at(int directory, const std::string& name, std::size_t limit) {
  Fd file(::openat(directory, name.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  if (!file && is_absent(errno)) return std::nullopt;
  if (!file) throw last_error("open " + name);
  return read_all(file.get(), limit, "read " + name);
}

void write_all(int fd, std::string_view content, std::string_view what, std::size_t* written) {
  while (!content.empty()) {
    const ssize_t count = ::write(fd, content.data(), content.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) throw last_error(what);
    content.remove_prefix(static_cast<std::size_t>(count));
    if (written != nullptr) *written += static_cast<std::size_t>(count);
  }
}

bool create_whole_at(int directory, const std::string& name, std::string_view content, mode_t mode,
                     const std::function<void(int)>& prepare) {
  Fd file(::openat(directory, ".", O_WRONLY | O_TMPFILE | O_CLOEXEC, mode));
  if (!file && (errno == EOPNOTSUPP || errno == EISDIR || errno == ENOENT)) {
    return create_by_temporary_name(directory, name, content, mode, prepare);
  }
  if (!file) throw last_error("create " + name);
  write_all(file.get(), content, "write " + name);
  if (prepare) prepare(file.get());
  const std::string by_descriptor = "/proc/self/fd/" + std::to_string(file.get());
  if (::linkat(AT_FDCWD, by_descriptor.c_str(), directory, name.c_str(), AT_SYMLINK_FOLLOW) == 0) return true;
  if (errno == EEXIST) return false;
  if (errno == ENOENT) return create_by_temporary_name(directory, name, content, mode, prepare);  // no /proc
  throw last_error("create " + name);
}

void replace_whole_at(int directory, const std::string& name, std::string_view content, mode_t mode) {
  if (create_whole_at(directory, name, content, mode)) return;
  const std::string temporary = temporary_name(name);
  remove_file_at(directory, temporary);  // of a killed process that had the same pid
  try {
    if (!create_whole_at(directory, temporary, content, mode)) throw error(EEXIST, "create " + temporary);
    if (::renameat(directory, temporary.c_str(), directory, name.c_str()) != 0) throw last_error("replace " + name);
  } catch (...) {
    ::unlinkat(directory, temporary.c_str(), 0);
    throw;
  }
}

void replace_file(const std::string& path, std::string_view content, mode_t mode) {
  const std::string temporary = path + "." + std::to_string(::getpid());
  try {
    ::unlink(temporary.c_str());  // of a killed process that had the same pid
    {
      const Fd file = open_file(temporary, O_WRONLY | O_CREAT | O_EXCL, mode);
      write_all(file.get(), content, "write " + temporary);
    }
    if (::rename(temporary.c_str(), path.c_str()) != 0) throw last_error("replace " + path);
  } catch (...) {
    ::unlink(temporary.c_str());
    throw;
  }
}

void make_directories(const std::string& path, mode_t mode) {
  for (std::size_t end = 0; end != std::string::npos;) {
    end = path.find('/', end + 1);
    const std::string part = path.substr(0, end);
    if (::mkdir(part.c_str(), mode) != 0 && errno != EEXIST) throw last_error("make directory " + part);
  }
}

bool remove_file(const std::string& path) { return remove_file_at(AT_FDCWD, path); }

bool remove_file_at(int directory, const std::string& name) {
  if (::unlinkat(directory, name.c_str(), 0) == 0) return true;
  if (is_absent(errno)) return false;
  throw last_error("remove " + name);
}

void for_each_entry(int directory, const std::function<void(const std::string&)>& entry) {
  Fd again = open_file_at(directory, ".", O_RDONLY | O_DIRECTORY);
  const std::unique_ptr<DIR, int (*)(DIR*)> stream(::fdopendir(again.get()), ::closedir);
  if (!stream) throw last_error("read directory");
  static_cast<void>(again.release());  // the stream owns it now
  for (;;) {
    errno = 0;
    const dirent* found = ::readdir(stream.get());
    if (found == nullptr && errno != 0) throw last_error("read directory");
    if (found == nullptr) return;
    const std::string name = found->d_name;
    if (name != "." && name != "..") entry(name);
  }
}

}  // namespace os

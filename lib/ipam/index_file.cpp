// SPDX-License-Identifier: Apache-2.0
#include "lib/ipam/index_file.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "lib/os/file.h"
#include "lib/os/lock.h"

namespace ipam {
namespace {

constexpr mode_t kFolderMode = 0700;
constexpr mode_t kFileMode = 0600;

constexpr std::uint64_t kFactor = 0x9fb21c651e98df25;  // odd, half of its bits set

struct Stored {
  std::uint64_t checksum = 0;
  IndexFile::Body body{};
};

constexpr std::size_t kStoredSize = sizeof(Stored);

os::Fd open_or_create(const std::string& path) {
  return os::Fd(::open(path.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, kFileMode));
}

// Includes the number, so a misplaced block counts as damaged.
std::uint64_t checksum(std::size_t number, const IndexFile::Body& body) {
  std::uint64_t sum = (number + 1) * kFactor;
  for (const std::uint64_t word : body) {
    sum = (sum ^ word) * kFactor;
    sum ^= sum >> 29U;
  }
  return sum;
}

bool lock_in_time(int file) {
  try {
    return os::lock_within(file, IndexFile::kTimeout);
  } catch (const std::system_error&) {
    return false;
  }
}

bool make_folder(const std::string& folder) {
  try {
    os::make_directories(folder, kFolderMode);
    return true;
  } catch (const std::system_error&) {
    return false;
  }
}

// Root is trusted.
bool is_ours(uid_t user) { return user == 0 || user == ::geteuid(); }

bool is_own_folder(const std::string& folder) {
  struct stat status {};
  const auto look = [&] { return ::stat(folder.c_str(), &status) == 0; };
  const bool is_there = look() || (errno == ENOENT && make_folder(folder) && look());
  return is_there && S_ISDIR(status.st_mode) && is_ours(status.st_uid) && (status.st_mode & (S_IWGRP | S_IWOTH)) == 0;
}

// Is the name free, or a regular file of ours with one link? Other files are not opened.
bool is_free_or_own(int folder, const std::string& name) {
  struct stat status {};
  if (::fstatat(folder, name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0) return errno == ENOENT;
  return S_ISREG(status.st_mode) && is_ours(status.st_uid) && status.st_nlink == 1;
}

}  // namespace

std::uint64_t hash_of(std::span<const std::uint8_t> bytes) {
  std::uint64_t hash = 0xcbf29ce484222325;  // FNV-1a; its high bits depend little on the last bytes
  for (const std::uint8_t byte : bytes) hash = (hash ^ byte) * 0x100000001b3;
  hash = (hash ^ hash >> 32U) * kFactor;
  return hash ^ hash >> 32U;
}

std::optional<IndexFile> IndexFile::open(const std::string& folder, const std::string& name) {
  const std::string path = folder + "/" + name;
  if (!is_own_folder(folder) || !is_free_or_own(AT_FDCWD, path)) return std::nullopt;
  os::Fd file = open_or_create(path);
  if (!file) return std::nullopt;
  IndexFile result(std::move(file));
  if (::flock(result.file_.get(), LOCK_EX | LOCK_NB) == 0) return result;
  result.has_waited_ = true;
  return lock_in_time(result.file_.get()) ? std::optional(std::move(result)) : std::nullopt;
}

std::optional<IndexFile> IndexFile::peek(int folder, const std::string& name) {
  if (!is_free_or_own(folder, name)) return std::nullopt;
  os::Fd file(::openat(folder, name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  if (!file || ::flock(file.get(), LOCK_EX | LOCK_NB) != 0) return std::nullopt;
  return IndexFile(std::move(file));
}

bool IndexFile::is_empty() const {
  struct stat status {};
  return ::fstat(file_.get(), &status) == 0 && S_ISREG(status.st_mode) && status.st_size == 0;
}

bool IndexFile::is_own_in_memory() const {
  struct stat status {};
  struct statfs file_system {};
  if (::fstat(file_.get(), &status) != 0 || ::fstatfs(file_.get(), &file_system) != 0) return false;
  const bool is_in_memory = file_system.f_type == TMPFS_MAGIC || file_system.f_type == RAMFS_MAGIC;
  return is_in_memory && S_ISREG(status.st_mode) && status.st_uid == ::geteuid();
}

IndexFile::Body IndexFile::read_body(std::size_t number) const {
  Stored stored;
  const auto place = static_cast<off_t>(number * kStoredSize);
  ssize_t count = -1;
  do {
    count = ::pread(file_.get(), &stored, kStoredSize, place);
  } while (count < 0 && errno == EINTR);
  if (count != static_cast<ssize_t>(kStoredSize)) throw IndexDamaged("a block is missing");
  if (stored.checksum != checksum(number, stored.body)) throw IndexDamaged("a block is damaged");
  return stored.body;
}

void IndexFile::write_body(std::size_t number, const Body& body) {
  const Stored stored{checksum(number, body), body};
  const auto place = static_cast<off_t>(number * kStoredSize);
  ssize_t count = -1;
  do {
    count = ::pwrite(file_.get(), &stored, kStoredSize, place);
  } while (count < 0 && errno == EINTR);
  if (count != static_cast<ssize_t>(kStoredSize)) throw IndexDamaged("a block cannot be written");
}

void IndexFile::clear() {
  if (::ftruncate(file_.get(), 0) != 0) throw IndexDamaged("it cannot be truncated");
}

}  // namespace ipam

// SPDX-License-Identifier: Apache-2.0
#include "cli/install/installation.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <climits>
#include <span>
#include <stdexcept>
#include <utility>

#include "lib/os/error.h"
#include "lib/os/file.h"
#include "lib/os/lock.h"
#include "lib/os/trusted_directory.h"
#include "lib/os/waited_for.h"

namespace cli {
namespace {

// One name is enough: only the holder of the folder's lock uses it.
constexpr const char* kTemporary = ".footbridge-install";

// Locks the folder itself, because a lock file would be one more file in it. Every process that may read the folder can
// hold that lock, so the error names the holder.
void lock(int directory, const std::string& folder) {
  constexpr std::chrono::minutes kTimeout(1);
  bool is_locked = false;
  try {
    is_locked = os::lock_within(directory, kTimeout);
  } catch (const std::system_error& error) {
    throw os::error(error.code().value(), "lock " + folder);
  }
  if (is_locked) return;
  throw os::error(ETIMEDOUT, "lock " + folder + ": waited " + os::duration_text(kTimeout) + " for " +
                                 os::process_text(os::flock_holder(directory)));
}

void require_replaceable(int directory, const std::string& name, const std::string& path) {
  struct stat status {};
  if (::fstatat(directory, name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0) {
    if (errno == ENOENT) return;
    throw os::last_error("stat " + path);
  }
  if (S_ISREG(status.st_mode) || S_ISLNK(status.st_mode)) return;
  throw std::runtime_error(path + " is " + os::kind_of(status.st_mode) +
                           "; only files and symbolic links are replaced");
}

bool is_placed(int directory, const Item& item) {
  if (item.mode == 0) {
    std::array<char, PATH_MAX> path{};
    const ssize_t size = ::readlinkat(directory, item.name.c_str(), path.data(), path.size());
    return size >= 0 && std::string_view(path.data(), static_cast<std::size_t>(size)) == item.content;
  }
  struct stat status {};
  return ::fstatat(directory, item.name.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(status.st_mode) &&
         (status.st_mode & 07777U) == item.mode && status.st_uid == ::geteuid() &&
         static_cast<std::size_t>(status.st_size) == item.content.size() &&
         os::read_file_at(directory, item.name, item.content.size()) == item.content;
}

// The descriptor is closed before the file gets its name: execve(2) rejects a file that is open for writing (ETXTBSY).
void write(int directory, const Item& item, const std::string& what) {
  if (item.mode == 0) {
    if (::symlinkat(item.content.c_str(), directory, kTemporary) != 0) throw os::last_error(what);
    return;
  }
  const os::Fd file(::openat(directory, kTemporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR));
  if (!file) throw os::last_error(what);
  os::write_all(file.get(), item.content, what);
  if (::fchmod(file.get(), item.mode) != 0 || ::fsync(file.get()) != 0) throw os::last_error(what);
}

void place(int directory, const Item& item, const std::string& path) {
  write(directory, item, "write " + path);
  if (::renameat(directory, kTemporary, directory, item.name.c_str()) != 0) throw os::last_error("replace " + path);
}

std::string list(std::span<const Item> items) {
  std::string names;
  for (const Item& item : items) names += " " + item.name;
  return names.empty() ? " nothing" : names;
}

}  // namespace

Placement prepare(std::string folder, std::vector<Item> items) {
  os::Fd directory = os::open_trusted_directory(folder);
  for (const Item& item : items) require_replaceable(directory.get(), item.name, folder + "/" + item.name);
  return {std::move(folder), std::move(directory), std::move(items)};
}

// The folder is synchronised even if nothing was placed, because an earlier call may have failed before it did so.
std::vector<std::string> place(Placement placement) {
  auto& [folder, opened, items] = placement;
  const int directory = opened.get();
  lock(directory, folder);
  ::unlinkat(directory, kTemporary, 0);
  std::erase_if(items, [directory](const Item& item) { return is_placed(directory, item); });
  std::vector<std::string> names;
  try {
    for (const Item& item : items) {
      place(directory, item, folder + "/" + item.name);
      names.push_back(item.name);
    }
    if (::fsync(directory) != 0) throw os::last_error("write " + folder + " to the disk");
  } catch (const std::system_error& error) {
    ::unlinkat(directory, kTemporary, 0);
    const std::span<const Item> all(items);
    throw std::runtime_error(std::string(error.what()) + "; replaced:" + list(all.first(names.size())) +
                             "; not replaced:" + list(all.subspan(names.size())));
  }
  return names;
}

}  // namespace cli

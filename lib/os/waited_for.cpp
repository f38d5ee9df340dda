// SPDX-License-Identifier: Apache-2.0
#include "lib/os/waited_for.h"

#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <algorithm>
#include <charconv>
#include <exception>
#include <optional>
#include <string_view>
#include <vector>

#include "lib/os/file.h"
#include "lib/os/process_tree.h"

namespace os {
namespace {

constexpr std::size_t kMostLocks = 16U << 20U;  // bytes of /proc/locks, which has a line per lock and per waiter

struct Lock {
  int pid = 0;
  unsigned major = 0;
  unsigned minor = 0;
  unsigned long long inode = 0;
};

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(separator), text.size());
    if (end > 0) parts.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return parts;
}

template <typename Number>
bool parse_number(std::string_view text, int base, Number& number) {
  return std::from_chars(text.data(), text.data() + text.size(), number, base).ec == std::errc();
}

// "3: FLOCK  ADVISORY  WRITE 1234 08:01:5678 0 EOF". A waiter's line has "-> " before FLOCK.
std::optional<Lock> parse_flock(std::string_view line) {
  const auto words = split(line, ' ');
  if (words.size() < 6 || words[1] != "FLOCK") return std::nullopt;
  const auto file = split(words[5], ':');
  Lock lock;
  const bool is_intact = file.size() == 3 && parse_number(words[4], 10, lock.pid) &&
                         parse_number(file[0], 16, lock.major) && parse_number(file[1], 16, lock.minor) &&
                         parse_number(file[2], 10, lock.inode);
  return is_intact ? std::optional(lock) : std::nullopt;
}

// On some file systems (btrfs, overlayfs) stat(2) returns another device than the lock has. Then the inode number must
// do, if only one lock has it.
pid_t find_holder(const std::string& locks, const struct stat& file) {
  pid_t of_inode = 0;
  unsigned with_inode = 0;
  pid_t exact = 0;
  for (const std::string_view line : split(locks, '\n')) {
    const auto lock = parse_flock(line);
    if (!lock || lock->inode != file.st_ino) continue;
    ++with_inode;
    of_inode = lock->pid;
    if (lock->major == major(file.st_dev) && lock->minor == minor(file.st_dev)) exact = lock->pid;
  }
  if (exact != 0) return exact;
  return with_inode == 1 ? of_inode : 0;
}

// A process can set any name (prctl(2)).
std::string printable(std::string name) {
  for (char& byte : name) {
    if (byte < ' ' || byte > '~') byte = '?';
  }
  return name;
}

}  // namespace

std::string process_text(pid_t pid) noexcept {
  if (pid <= 0) return "a process that is not visible from here";
  std::string process = "process " + std::to_string(pid);
  if (!has_own_proc()) return process;
  try {
    constexpr std::size_t kLongestName = 64;
    auto name = read_file("/proc/" + std::to_string(pid) + "/comm", kLongestName);
    if (!name) return process + ", which has ended";
    if (name->ends_with('\n')) name->pop_back();
    return process + " (" + printable(std::move(*name)) + ")";
  } catch (const std::exception&) {
    return process;
  }
}

pid_t flock_holder(int fd) noexcept {
  try {
    struct stat file {};
    if (::fstat(fd, &file) != 0) return 0;
    return find_holder(read_file("/proc/locks", kMostLocks).value_or(""), file);
  } catch (const std::exception&) {
    return 0;
  }
}

std::string duration_text(std::chrono::milliseconds time) {
  if (time.count() % 1000 == 0) return std::to_string(time.count() / 1000) + " s";
  return std::to_string(time.count()) + " ms";
}

}  // namespace os

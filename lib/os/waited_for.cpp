#include "lib/os/waited_for.h"

#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <algorithm>
#include <cstdio>
#include <exception>
#include <optional>
#include <string_view>

#include "lib/os/file.h"

namespace os {
namespace {

constexpr std::size_t kMostLocks =
    16U << 20U;  // bytes of /proc/locks: a line for each lock and for each who waits for one

struct Lock {
  int pid = 0;
  unsigned major = 0;
  unsigned minor = 0;
  unsigned long long inode = 0;
};

// "3: FLOCK  ADVISORY  WRITE 1234 08:01:5678 0 EOF"; one that is waited for has "-> " before its kind.
std::optional<Lock> parse_flock(const std::string& line) {
  Lock lock;
  const char* const kFormat = "%*u: FLOCK %*s %*s %d %x:%x:%llu";
  const int found = std::sscanf(line.c_str(), kFormat, &lock.pid, &lock.major, &lock.minor,
                                &lock.inode);  // NOLINT(cert-err34-c): counted
  return found == 4 ? std::optional(lock) : std::nullopt;
}

template <typename Use>
void for_each_flock(const std::string& locks, const Use& use) {
  for (std::size_t at = 0; at < locks.size();) {
    const std::size_t end = std::min(locks.find('\n', at), locks.size());
    if (const auto lock = parse_flock(locks.substr(at, end - at))) use(*lock);
    at = end + 1;
  }
}

// Some file systems (btrfs, overlayfs) tell stat(2) another device than the lock has. Then the inode's number has to do, if
// it is locked once only.
pid_t find_holder(const std::string& locks, const struct stat& file) {
  pid_t of_inode = 0;
  unsigned with_inode = 0;
  pid_t exact = 0;
  for_each_flock(locks, [&](const Lock& lock) {
    if (lock.inode != file.st_ino) return;
    ++with_inode;
    of_inode = lock.pid;
    if (lock.major == major(file.st_dev) && lock.minor == minor(file.st_dev)) exact = lock.pid;
  });
  if (exact != 0) return exact;
  return with_inode == 1 ? of_inode : 0;
}

// A process may call itself anything (prctl(2)).
std::string printable(std::string name) {
  for (char& byte : name) {
    if (byte < ' ' || byte > '~') byte = '?';
  }
  return name;
}

}  // namespace

std::string process_text(pid_t pid) noexcept {
  if (pid <= 0) return "a process that cannot be seen from here";
  const std::string process = "process " + std::to_string(pid);
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

// SPDX-License-Identifier: Apache-2.0
#include "lib/netns/netns.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <sched.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "lib/os/capability.h"
#include "lib/os/error.h"
#include "lib/os/file.h"

namespace netns {
namespace {

std::string hexadecimal(long value) {
  std::array<char, 20> buffer{};
  std::snprintf(buffer.data(), buffer.size(), "%lx", value);
  return buffer.data();
}

// The process of /proc/PID/ns/net may have capabilities that we lack (ptrace(2), "access mode checking").
std::system_error unreadable(const std::string& path, int error) {
  return os::error(error, "failed to Statfs \"" + path + "\"" + os::missing(os::Capability::sys_ptrace, error));
}

struct stat status_of(const os::Fd& fd) {
  struct stat status {};
  if (::fstat(fd.get(), &status) != 0) throw os::last_error("stat network namespace");
  return status;
}

}  // namespace

NotNetns::NotNetns(const std::string& path, long magic)
    : text_("unknown FS magic on \"" + path + "\": " + hexadecimal(magic)) {}

Missing::Missing(const std::string& what, const std::string& path)
    : std::system_error(ENOENT, std::generic_category(), what), text_(system_error::what() + ("; " + remedy(path))) {}

std::string remedy(const std::string& path) {
  for (const std::string_view folder : {"/run/netns/", "/var/run/netns/"}) {
    const std::string name = path.starts_with(folder) ? path.substr(folder.size()) : "";
    if (!name.empty() && name.find('/') == std::string::npos) {
      return "create it with \"ip netns add " + name + "\", or give /proc/PID/ns/net";
    }
  }
  return "give /run/netns/NAME (\"ip netns add NAME\" creates it) or /proc/PID/ns/net";
}

std::optional<Netns> Netns::open(const std::string& path) {
  struct statfs status {};
  if (::statfs(path.c_str(), &status) != 0) {
    if (errno == ENOENT || errno == ENOTDIR) return std::nullopt;
    throw unreadable(path, errno);
  }
  const auto magic = static_cast<long>(status.f_type);
  // Linux 5.10 may resolve the path of a process with more capabilities to its folder.
  const bool is_hidden = magic == PROC_SUPER_MAGIC && path.ends_with("/ns/net");
  if (is_hidden && !os::has(os::Capability::sys_ptrace)) throw unreadable(path, EACCES);
  if (magic != NSFS_MAGIC) throw NotNetns(path, magic);
  os::Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd && errno == ENOENT) return std::nullopt;
  if (!fd) throw os::last_error("open " + path);
  return Netns(std::move(fd), path);
}

Netns Netns::current() {
  const std::string path = "/proc/thread-self/ns/net";
  return {os::open_file(path, O_RDONLY), path};
}

bool Netns::is_same(const Netns& other) const {
  const struct stat own = status_of(fd_);
  const struct stat others = status_of(other.fd_);
  return own.st_dev == others.st_dev && own.st_ino == others.st_ino;
}

Entered::Entered(const Netns& target) : opened_(Netns::current()), home_(*opened_) { enter(target); }

Entered::Entered(const Netns& target, const Netns& home) : home_(home) { enter(target); }

void Entered::enter(const Netns& target) {
  if (::setns(target.fd(), CLONE_NEWNET) == 0) return;
  const int error = errno;
  throw os::error(error, "enter network namespace " + target.path() + os::missing(os::Capability::sys_admin, error));
}

// setns(2) may fail for lack of memory, so it is retried. In the wrong namespace the process must do nothing more.
Entered::~Entered() {
  constexpr int kTries = 1000;
  for (int left = kTries; left > 0; --left) {
    if (::setns(home_.fd(), CLONE_NEWNET) == 0) return;
    ::sched_yield();
  }
  std::abort();
}

}  // namespace netns

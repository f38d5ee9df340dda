// SPDX-License-Identifier: Apache-2.0
#include "cli/exec/temporary_netns.h"

#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>

#include "lib/netns/netns.h"
#include "lib/os/error.h"
#include "lib/os/file.h"
#include "lib/os/lock.h"
#include "lib/os/waited_for.h"

namespace cli {
namespace {

constexpr const char* kFolder = "/run/netns";

// The folder must be a shared mount point, so that other mount namespaces see a namespace's mount and unmount
// (iproute2, ip/ipnetns.c, does the same under the same lock).
void prepare_folder() {
  os::make_directories(kFolder, 0755);
  const os::Fd lock = os::open_file(kFolder, O_RDONLY | O_DIRECTORY);
  constexpr std::chrono::seconds kTimeout{30};  // ip(8) holds it for a moment
  if (!os::lock_within(lock.get(), kTimeout)) {
    throw os::error(ETIMEDOUT, std::string("lock ") + kFolder + ": waited " + os::duration_text(kTimeout) + " for " +
                                   os::process_text(os::flock_holder(lock.get())));
  }
  if (::mount("", kFolder, "none", MS_SHARED | MS_REC, nullptr) == 0) return;
  if (errno != EINVAL) throw os::last_error(std::string("share mounts in ") + kFolder);
  if (::mount(kFolder, kFolder, "none", MS_BIND | MS_REC, nullptr) != 0 ||
      ::mount("", kFolder, "none", MS_SHARED | MS_REC, nullptr) != 0) {
    throw os::last_error(std::string("bind mount ") + kFolder);
  }
}

// In the thread's namespace.
void set_loopback_up() {
  const os::Fd socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (!socket) throw os::last_error("open a socket");
  ifreq request{};
  std::strncpy(request.ifr_name, "lo", sizeof request.ifr_name - 1);
  if (::ioctl(socket.get(), SIOCGIFFLAGS, &request) != 0) throw os::last_error("read the flags of lo");
  request.ifr_flags = static_cast<short>(request.ifr_flags | IFF_UP);
  if (::ioctl(socket.get(), SIOCSIFFLAGS, &request) != 0) throw os::last_error("set lo up");
}

void remove_name(const std::string& path) {
  ::umount2(path.c_str(), MNT_DETACH);
  ::unlink(path.c_str());
}

}  // namespace

TemporaryNetns::TemporaryNetns(const std::string& name) : path_(std::string(kFolder) + "/" + name) {
  prepare_folder();
  static_cast<void>(os::open_file(path_, O_RDONLY | O_CREAT | O_EXCL, 0));
  try {
    const netns::Entered original(netns::Netns::current());  // returns to it
    if (::unshare(CLONE_NEWNET) != 0) throw os::last_error("create a network namespace");
    set_loopback_up();
    if (::mount("/proc/thread-self/ns/net", path_.c_str(), "none", MS_BIND, nullptr) != 0) {
      throw os::last_error("mount the network namespace at " + path_);
    }
  } catch (...) {
    remove_name(path_);
    throw;
  }
}

TemporaryNetns::~TemporaryNetns() { remove_name(path_); }

}  // namespace cli

// SPDX-License-Identifier: Apache-2.0
#include "lib/os/capability.h"

#include <linux/capability.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>

#include <doctest/doctest.h>

namespace {

// The text for EPERM in a process that has dropped all its capabilities.
bool names_missing_capability() {
  const pid_t child = ::fork();
  if (child == 0) {
    __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
    __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = {};
    if (::syscall(SYS_capset, &header, none) != 0) ::_exit(1);
    ::_exit(os::missing(os::Capability::sys_admin, EPERM) == ": needs root (CAP_SYS_ADMIN)" ? 0 : 1);
  }
  int status = 1;
  return ::waitpid(child, &status, 0) == child && status == 0;
}

}  // namespace

TEST_CASE("an error of missing privilege says that it needs root, and names the capability") {
  CHECK(names_missing_capability());
}

TEST_CASE("other errors name no capability") {
  CHECK(os::missing(os::Capability::net_admin, ENOENT).empty());
  CHECK(os::missing(os::Capability::net_admin, EEXIST).empty());
}

TEST_CASE("a capability that the process has is not named") {
  const bool is_present = os::has(os::Capability::net_admin);
  CHECK(os::missing(os::Capability::net_admin, EPERM).empty() == is_present);
  CHECK(os::missing(os::Capability::net_admin, EACCES).empty() == is_present);
}

// SPDX-License-Identifier: Apache-2.0
#include "lib/os/capability.h"

#include <linux/capability.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>

#include <doctest/doctest.h>

namespace {

// The words of an EPERM in a process that has given up all its capabilities.
bool is_told_of_without_any() {
  const pid_t child = ::fork();
  if (child == 0) {
    __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
    __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = {};
    if (::syscall(SYS_capset, &header, none) != 0) ::_exit(1);
    ::_exit(os::without(os::Capability::sys_admin, EPERM) == " without CAP_SYS_ADMIN" ? 0 : 1);
  }
  int status = 1;
  return ::waitpid(child, &status, 0) == child && status == 0;
}

}  // namespace

TEST_CASE("a missing capability is told of an error of missing privilege") { CHECK(is_told_of_without_any()); }

TEST_CASE("of any other error it is not") {
  CHECK(os::without(os::Capability::net_admin, ENOENT).empty());
  CHECK(os::without(os::Capability::net_admin, EEXIST).empty());
}

TEST_CASE("a capability that is there is not told as missing") {
  const bool is_there = os::has(os::Capability::net_admin);
  CHECK(os::without(os::Capability::net_admin, EPERM).empty() == is_there);
  CHECK(os::without(os::Capability::net_admin, EACCES).empty() == is_there);
}

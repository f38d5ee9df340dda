// SPDX-License-Identifier: Apache-2.0
#include "lib/os/capability.h"

#include <linux/capability.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>

namespace os {
namespace {

struct Known {
  unsigned number;
  const char* name;
};

Known known(Capability capability) {
  switch (capability) {
    case Capability::net_admin: return {CAP_NET_ADMIN, "CAP_NET_ADMIN"};
    case Capability::sys_ptrace: return {CAP_SYS_PTRACE, "CAP_SYS_PTRACE"};
    case Capability::sys_admin: return {CAP_SYS_ADMIN, "CAP_SYS_ADMIN"};
  }
  return {};
}

}  // namespace

bool has(Capability capability) {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  std::array<__user_cap_data_struct, _LINUX_CAPABILITY_U32S_3> sets{};
  if (::syscall(SYS_capget, &header, sets.data()) != 0) return true;
  const unsigned number = known(capability).number;
  return (sets.at(CAP_TO_INDEX(number)).effective & CAP_TO_MASK(number)) != 0;
}

std::string missing(Capability capability, int error) {
  if ((error != EPERM && error != EACCES) || has(capability)) return {};
  return std::string(": needs root (") + known(capability).name + ")";
}

}  // namespace os

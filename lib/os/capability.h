// SPDX-License-Identifier: Apache-2.0
// The capabilities of this process (capabilities(7)), for error messages.
#pragma once

#include <string>

namespace os {

enum class Capability { net_admin, sys_ptrace, sys_admin };

// Is it in the effective set? Also true if that is unknown.
bool has(Capability capability);

// ": needs root (CAP_NET_ADMIN)" if `error` is EPERM or EACCES and the capability is missing, otherwise "". With the
// capability, a security module, a seccomp filter or a user namespace denied the call.
std::string missing(Capability capability, int error);

}  // namespace os

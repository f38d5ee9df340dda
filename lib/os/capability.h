// SPDX-License-Identifier: Apache-2.0
// The capabilities of this process (capabilities(7)), for the words of a failure.
#pragma once

#include <string>

namespace os {

enum class Capability { net_admin, sys_ptrace, sys_admin };

// Is it in the effective set? true as well where that cannot be found out.
bool has(Capability capability);

// " without CAP_NET_ADMIN" for an error of missing privilege (EPERM, EACCES) when the capability is missing, and nothing
// otherwise: a security module, a filter of system calls or a user namespace can refuse what the capability would allow.
std::string without(Capability capability, int error);

}  // namespace os

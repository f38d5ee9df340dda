// SPDX-License-Identifier: Apache-2.0
// The capabilities of this process (capabilities(7)), for the words of a failure.
#pragma once

#include <string>

namespace os {

enum class Capability { net_admin, sys_ptrace, sys_admin };

// Is it in the effective set? true as well where that cannot be found out.
bool has(Capability capability);

// ": needs root (CAP_NET_ADMIN)" for EPERM or EACCES if the process lacks the capability; "" otherwise, because a security
// module, seccomp or a user namespace can reject what the capability would allow.
std::string missing(Capability capability, int error);

}  // namespace os

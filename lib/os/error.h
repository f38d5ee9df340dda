// SPDX-License-Identifier: Apache-2.0
// Failed system calls as exceptions.
//
// Everything that talks to the kernel reports a failure as std::system_error whose code is the errno
// (std::generic_category) and whose text is a sentence: "open /proc/sys/net/ipv4/ip_forward: Permission denied".
#pragma once

#include <string>
#include <string_view>
#include <system_error>

namespace os {

// The kernel's words for an errno value, strerror(3).
std::string error_text(int error);

// std::system_error with the text "<what>: <strerror(error)>".
std::system_error error(int error, std::string_view what);

// The same from errno as it stands; call it before anything else can change errno.
std::system_error last_error(std::string_view what);

}  // namespace os

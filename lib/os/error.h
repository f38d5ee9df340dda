// SPDX-License-Identifier: Apache-2.0
// Failed system calls as exceptions.
//
// A failed system call is a std::system_error. Its code is the errno value (std::generic_category), its text a
// sentence: "open /proc/sys/net/ipv4/ip_forward: Permission denied".
#pragma once

#include <string>
#include <string_view>
#include <system_error>

namespace os {

// The text of an errno value, strerror(3).
std::string error_text(int error);

// std::system_error with the text "<what>: <strerror(error)>".
std::system_error error(int error, std::string_view what);

// The same for the current errno. Call it before anything can change errno.
std::system_error last_error(std::string_view what);

}  // namespace os

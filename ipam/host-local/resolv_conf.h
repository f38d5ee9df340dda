// SPDX-License-Identifier: Apache-2.0
// resolv.conf(5) as the "dns" of a result.
#pragma once

#include <string>
#include <string_view>

#include "lib/cni/result.h"

namespace host_local {

// Lines that begin with "#" or ";" are comments. nameserver: its first value, all lines; domain: the last line;
// search and options: all values of all lines. Anything else is not looked at, nor is a line without a value.
cni::Dns parse_resolv_conf(std::string_view text);

// The same from a file. Throws cni::Error code 7 naming ipam.resolvConf and the path when it cannot be read, or has more
// than 1 MiB.
cni::Dns read_resolv_conf(const std::string& path);

}  // namespace host_local

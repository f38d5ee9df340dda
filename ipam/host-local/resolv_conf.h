// SPDX-License-Identifier: Apache-2.0
// resolv.conf(5) as the "dns" of a result.
#pragma once

#include <string>
#include <string_view>

#include "lib/cni/result.h"

namespace host_local {

// Lines that begin with "#" or ";" are comments. nameserver: the first value of each line. domain: the last line.
// search and options: all values of all lines. Other lines, and lines without a value, are ignored.
cni::Dns parse_resolv_conf(std::string_view text);

// The same from a file. Throws cni::Error code 7 that names ipam.resolvConf and the path if it cannot be read or has
// more than 1 MiB.
cni::Dns read_resolv_conf(const std::string& path);

}  // namespace host_local

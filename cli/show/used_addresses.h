// SPDX-License-Identifier: Apache-2.0
// The addresses of all interfaces, in every network namespace of this host that can be found.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "lib/net/address.h"
#include "lib/net/owner.h"

namespace cli {

struct UsedAddresses {
  std::set<net::Address> addresses;  // of all interfaces: one may have been renamed
  std::set<net::Address> own;        // those in this process's namespace
  std::vector<net::Owner> owners;    // of existing host ends
  std::vector<std::string> unseen;   // namespaces that cannot be read, with the reason
  bool sees_all_processes = true;  // this is the machine's first PID namespace; in others, most processes may be hidden
};

// Reads each namespace once that a process is in (/proc/PID/ns/net) or that is mounted (/run/netns and others, by
// /proc/self/mountinfo). A namespace that ends meanwhile is not a failure. Needs CAP_SYS_ADMIN, and the runtime's PID
// and mount namespaces: others are not visible.
UsedAddresses observe_used_addresses();

// The mount points of network namespaces in a mountinfo of proc(5), with octal escapes decoded.
std::vector<std::string> parse_mountinfo(const std::string& mountinfo);

}  // namespace cli

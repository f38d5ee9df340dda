// SPDX-License-Identifier: Apache-2.0
// Which addresses interfaces have, in every network namespace of this host that can be found.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "lib/net/address.h"
#include "lib/net/owner.h"

namespace cli {

struct UsedAddresses {
  std::set<net::Address> addresses;  // of whatever interface: one may have been renamed
  std::set<net::Address> own;        // those of them that this process's own namespace has
  std::vector<net::Owner> owners;    // whose host ends there are
  std::vector<std::string> unseen;   // namespaces that could not be looked into, with the reason
  bool sees_all_processes = true;    // is this the machine's first PID namespace? In another one, most may be hidden.
};

// Looks once into each namespace that a process is in (/proc/PID/ns/net) or that is mounted somewhere (/run/netns and
// others, by /proc/self/mountinfo). A namespace that ends meanwhile is no failure. Wants CAP_SYS_ADMIN; what is hidden from
// this process's PID and mount namespaces it cannot find, so it belongs where the runtime is.
UsedAddresses observe_used_addresses();

// The mount points of network namespaces in a mountinfo of proc(5), with its octal escapes undone.
std::vector<std::string> parse_mountinfo(const std::string& mountinfo);

}  // namespace cli

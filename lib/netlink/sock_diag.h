// SPDX-License-Identifier: Apache-2.0
// Listening sockets of processes (sock_diag(7), linux/inet_diag.h).
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <map>
#include <set>
#include <vector>

#include "lib/net/address.h"
#include "lib/netlink/socket.h"

namespace netlink {

struct Listener {
  net::Address address;  // unspecified: every address
  std::uint16_t port = 0;
  bool takes_ipv4 = false;  // also true for an IPv6 wildcard socket that accepts IPv4
  std::uint32_t inode = 0;
};

// The listening TCP sockets, or the unconnected UDP sockets, in the namespace of `socket` (NETLINK_SOCK_DIAG).
// protocol: IPPROTO_TCP or IPPROTO_UDP; for SCTP the kernel would load a module. port: 0 is every port. Empty if the
// kernel has no sock_diag. Throws std::system_error.
std::vector<Listener> observe_listeners(Socket& socket, std::uint8_t protocol, net::Family family, std::uint16_t port);

// The processes that have sockets with these inodes open, as far as /proc shows them. Reads the descriptors of all
// processes.
std::map<std::uint32_t, pid_t> observe_processes(const std::set<std::uint32_t>& inodes);

}  // namespace netlink

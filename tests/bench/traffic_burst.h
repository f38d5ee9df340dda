// SPDX-License-Identifier: Apache-2.0
// Bursts of new TCP connections, one after the other on one processor. The caller waits while a packet passes through
// the namespaces, so the measured time includes the cost of the rules.
#pragma once

#include <string>
#include <vector>

#include "lib/os/fd.h"
#include "tests/netns/endpoint.h"

namespace traffic {

// The sources and destinations of a burst's connections, used in turns.
struct Traffic {
  std::string netns;                         // of the clients
  std::vector<test::Endpoint> sources = {};  // IPv4, port 0: each connection has its own port
  std::vector<test::Endpoint> destinations = {};
  std::vector<const os::Fd*> servers;  // listening, non-blocking; all connections arrive there
  std::string seen_as;                 // the client address that the servers must see; empty: any
};

// Connections per second: socket, connect, established, and a reset, which leaves no TIME_WAIT. The servers accept
// between the parts of a burst; that time is not counted. Throws std::runtime_error if a connection is not established
// within five seconds, if its client address is wrong, or if more than one in a hundred is missing.
double connections_per_second(const Traffic& traffic, int connections);

}  // namespace traffic

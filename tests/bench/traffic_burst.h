// SPDX-License-Identifier: Apache-2.0
// Bursts of new TCP connections, one after the other on one processor: so long as a packet's way through the namespaces takes,
// so long the caller waits, and what the rules cost is in the time.
#pragma once

#include <string>
#include <vector>

#include "lib/os/fd.h"
#include "tests/netns/endpoint.h"

namespace traffic {

// Where a burst's connections come from and go to: the sources and the destinations take turns.
struct Way {
  std::string netns;                         // of the clients
  std::vector<test::Endpoint> sources = {};  // IPv4, port 0: each connection has a port of its own
  std::vector<test::Endpoint> destinations = {};
  std::vector<const os::Fd*> servers;  // listening, never blocking: where all of the connections arrive
  std::string seen_as;                 // the client's address as the servers must see it; empty: any
};

// Connections per second: socket, connect, until the connection is there, and its end by a reset, which leaves no TIME_WAIT.
// The servers take their connections between the parts of a burst, and that time is not counted. Throws std::runtime_error
// when a connection does not come up within five seconds or is seen as another's, and when more than one in a hundred does not
// arrive.
double connections_per_second(const Way& way, int connections);

}  // namespace traffic

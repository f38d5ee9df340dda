// SPDX-License-Identifier: Apache-2.0
// A host with a side's rules for a number of published ports, in its own process, so that all hosts of a run exist at
// the same time and are measured in turns.
//
// The side's plugins attach the first and the last container; those between are copies that have only rules
// (traffic_fill.h).
// The first container has some of their addresses. Without NAT (kWithoutNat), there is no masquerade and no published
// port: clients connect to the containers' addresses by route.
#pragma once

#include <sys/types.h>

#include <string>

#include "lib/os/fd.h"
#include "tests/bench/traffic_side.h"

namespace traffic {

class Station {
 public:
  // Creates the host. Throws std::runtime_error with the reason.
  Station(const Side& side, int ports);
  Station(const Station&) = delete;
  Station& operator=(const Station&) = delete;
  ~Station();  // deletes the host

  // Connections per second from outside to ten of the published ports, and from ten containers to the outside. Throw
  // std::runtime_error.
  double connect_in(int connections);
  double connect_out(int connections);

  // iperf3 from outside to the last published port, for that many seconds. Received Gbit/s.
  double throughput(int seconds);

 private:
  double request(const std::string& text);

  pid_t pid_ = -1;
  os::Fd channel_;
};

}  // namespace traffic

// SPDX-License-Identifier: Apache-2.0
// A host with a side's rules for so many published ports, in a process of its own, so that all hosts of a run stand beside
// each other and are measured in turns.
//
// Two containers are attached by the side's plugins, the first and the last; of those between there are only the rules
// (traffic_fill.h), and the first container answers under some of their addresses. Without NAT (kWithoutNat) there is neither
// masquerade nor a published port: clients go by route to where the ports would lead.
#pragma once

#include <sys/types.h>

#include <string>

#include "lib/os/fd.h"
#include "tests/bench/traffic_side.h"

namespace traffic {

class Station {
 public:
  // Builds the host; throws std::runtime_error with the reason when that fails.
  Station(const Side& side, int ports);
  Station(const Station&) = delete;
  Station& operator=(const Station&) = delete;
  ~Station();  // and everything is gone

  // From outside to ten of the published ports; from as many containers to the outside. Connections per second; throws
  // std::runtime_error.
  double connect_in(int connections);
  double connect_out(int connections);

  // iperf3 from outside to the last published port, for so many seconds. Gbit/s as they arrived.
  double throughput(int seconds);

 private:
  double ask(const std::string& what);

  pid_t pid_ = -1;
  os::Fd channel_;
};

}  // namespace traffic

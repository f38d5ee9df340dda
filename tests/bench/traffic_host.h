// SPDX-License-Identifier: Apache-2.0
// The host of a station (traffic_station.h): two containers, the rules of all ports, a machine outside.
//
//   outside 192.168.1.3        "c0" 10.1.0.2, and addresses of the copied containers               "last" 10.1.0.3
//      |                          |                                                                  |
//   lan0 192.168.1.2           cni0 10.1.0.1/16 ------------------------------------------------------
#pragma once

#include <string>
#include <vector>

#include "tests/bench/traffic_burst.h"
#include "tests/bench/traffic_side.h"
#include "tests/netns/host.h"

namespace traffic {

class TrafficHost {
 public:
  // `ports`: the total number of published ports, a multiple of kPorts, for at least two containers. Throws
  // std::runtime_error if a call fails.
  TrafficHost(Side side, int ports);

  // See traffic_station.h.
  double connect_in(int connections);
  double connect_out(int connections);
  double throughput(int seconds);

 private:
  void add_routes();
  [[nodiscard]] std::string address_of(int container) const;
  [[nodiscard]] test::Endpoint published(int container, int which) const;
  double burst(const Traffic& traffic, int connections);

  Side side_;
  int containers_;
  test::Host host_;
};

}  // namespace traffic

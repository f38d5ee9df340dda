// The host of a station (traffic_station.h): two containers, the rules of all ports, a neighbour outside.
//
//   outside 192.168.1.3, and all of 10.9.0.0/16          "c0" 10.1.0.2, and all of 10.1.64.0/18: the containers that are
//      |                                                  |    only rules               "last" 10.1.0.3
//   lan0 192.168.1.2                                 cni0 10.1.0.1/16
#pragma once

#include <string>
#include <vector>

#include "tests/bench/side.h"
#include "tests/bench/traffic_burst.h"

namespace bench {

class TrafficHost {
 public:
  // `ports`: published in all, a multiple of kPorts (fill.h), of two containers at least. Throws std::runtime_error when a
  // call fails.
  TrafficHost(Side side, int ports);

  double connect_in(int connections);
  double connect_out(int connections);
  double throughput(int seconds);

 private:
  void attach_containers();
  void add_routes();
  double burst(const Way& way, int connections);
  [[nodiscard]] bool is_nat() const;

  Side side_;
  int containers_;
  test::Host host_;
};

}  // namespace bench

// SPDX-License-Identifier: Apache-2.0
// The sides of a measurement: folders of plugins, and the floor.
#pragma once

#include <string>

namespace bench {

struct Side {
  enum class Kind { ours, reference, floor };
  std::string name;
  std::string folder;   // the plugins' folder
  std::string backend;  // the reference's: iptables, nftables; value of ipMasqBackend and backend
  Kind kind = Kind::ours;
};

// NAME=FOLDER is a side of ours, NAME=FOLDER,BACKEND the reference. "floor" is bench_floor beside the driver, on hosts
// that are prepared with the plugins in `ours`. Throws std::invalid_argument.
Side parse_side(const std::string& argument, const std::string& ours);

}  // namespace bench

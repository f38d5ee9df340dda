// SPDX-License-Identifier: Apache-2.0
// A measured scene: a chain of plugins under given conditions.
#pragma once

#include <string>
#include <vector>

#include "tests/bench/side.h"

namespace bench {

struct Scene {
  std::string name;
  std::string title;
  std::string plugin = "bridge";  // or ptp, macvlan, ipvlan
  bool is_dual_stack = false;
  int ports = 1;  // published by each attachment; 0: the chain has no portmap
  const char* protocol = "tcp";
  int calls = 100;          // measured attachments, each with one call of a verb
  int reference_calls = 0;  // the same for the reference, which is slow in large scenes; 0: the same number
  int at_once = 1;          // concurrent calls
  int rounds = 1;           // of all verbs
  int attachments = 0;      // existing ones, in the store and the tables; all but one are copies
  bool has_floor = true;
  std::vector<std::string> verbs = {"ADD", "DEL"};

  // The plugin creates a link on the host's lan0, and neither a pair nor rules.
  [[nodiscard]] bool is_on_lan() const { return plugin == "macvlan" || plugin == "ipvlan"; }

  // The number of attachments on that side, and per turn: sides take turns.
  [[nodiscard]] int calls_of(const Side& side) const;
  [[nodiscard]] int turn_of(const Side& side) const;

  // Why that side is not measured in this scene; empty if it is.
  [[nodiscard]] std::string left_out(const Side& side) const;
};

inline constexpr const char* kDelAgain = "DEL again";  // without namespace and prevResult, as runtimes repeat it
inline constexpr const char* kDelThird = "DEL third";
inline constexpr const char* kDelWaiting = "DEL waiting";  // the floor's DEL with the kernel's teardown

// All scenes, with the numbers of `./run bench`.
std::vector<Scene> scenes();

}  // namespace bench

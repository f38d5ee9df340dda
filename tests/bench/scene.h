// SPDX-License-Identifier: Apache-2.0
// What is measured: a chain of plugins under given conditions.
#pragma once

#include <string>
#include <vector>

#include "tests/bench/side.h"

namespace bench {

struct Scene {
  std::string name;
  std::string title;
  std::string plugin = "bridge";  // or ptp
  bool is_dual_stack = false;
  int ports = 1;  // published by each attachment
  const char* protocol = "tcp";
  int calls = 100;          // attachments that are measured, each with one call of a verb
  int reference_calls = 0;  // the same of the reference, which takes long where there is much; 0: as many
  int at_once = 1;          // calls in flight
  int rounds = 1;           // of all verbs
  int attachments = 0;      // that are there already, in the store and the tables; made up but one
  bool has_floor = true;
  std::vector<std::string> verbs = {"ADD", "DEL"};

  // Attachments on that side, and how many of them in a turn: sides take turns.
  [[nodiscard]] int calls_of(const Side& side) const;
  [[nodiscard]] int turn_of(const Side& side) const;

  // Why that side is not measured here; empty when it is.
  [[nodiscard]] std::string left_out(const Side& side) const;
};

inline constexpr const char* kDelAgain = "DEL again";  // as runtimes repeat it: without namespace and prevResult
inline constexpr const char* kDelThird = "DEL third";
inline constexpr const char* kDelWaiting = "DEL waiting";  // of the floor: with the kernel's teardown

// All of them, with the numbers that `./run bench` takes.
std::vector<Scene> scenes();

}  // namespace bench

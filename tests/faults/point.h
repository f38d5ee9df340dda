// SPDX-License-Identifier: Apache-2.0
// Where a fault strikes: one system call of one process of one plugin call, and what happens to it.
//
// As text, which a violation prints and --only repeats:
//   bridge/ADD/1:portmap/sendto#7=ENOBUFS               the 7th sendto of the plugin's own process fails
//   bridge/DEL/0:bridge/child1/setsid#1=EPERM           of the first child that it made; child1.2 is that one's second
//   bridge/DEL/1:portmap/alone/socketpair#2=EMFILE      with no process of an earlier call left (lib/netlink/closing.h)
//   bridge/ADD/0:bridge/linkat#1=kill,DEL               killed after the call; then DEL (or: then ADD again)
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace faults {

// A system call by its place in a run: the ordinal counts the calls of that name in that process.
struct Place {
  std::string process;  // "" is the plugin's own, "1" its first child, "1.2" that one's second
  std::string call;
  int ordinal = 0;

  friend bool operator==(const Place&, const Place&) = default;
};

enum class After { none, del, add };  // what comes after a kill

struct Point {
  std::string scene;
  std::string verb;
  std::size_t plugin = 0;  // its place in the chain
  std::string plugin_name;
  bool is_alone = false;
  Place place;
  int error = 0;  // 0: the process is killed
  After after = After::none;

  [[nodiscard]] bool is_kill() const { return error == 0; }
};

std::string text(const Point& point);

// Throws std::invalid_argument.
Point parse_point(std::string_view text);

}  // namespace faults

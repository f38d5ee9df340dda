// SPDX-License-Identifier: Apache-2.0
// An injection point: one system call of one process of one plugin call, and what is injected.
//
// As text, which a violation prints and --only takes:
//   bridge/ADD/1:portmap/sendto#7=ENOBUFS               the 7th sendto of the plugin's process fails
//   bridge/DEL/0:bridge/child1/setsid#1=EPERM           in its first child; child1.2 is the second child of child1
//   bridge/DEL/1:portmap/alone/socketpair#2=EMFILE      when no earlier process runs (lib/netlink/closing.h)
//   bridge/ADD/0:bridge/linkat#1=kill,DEL               the process is killed after the call; then DEL (or ADD again)
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace faults {

// The place of a system call in a run. The ordinal counts calls of that name in that process.
struct Place {
  std::string process;  // "": the plugin's; "1": its first child; "1.2": the second child of "1"
  std::string call;
  int ordinal = 0;

  friend bool operator==(const Place&, const Place&) = default;
};

enum class After { none, del, add };  // the call after a kill

struct Point {
  std::string scene;
  std::string verb;
  std::size_t plugin = 0;  // index in the chain
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

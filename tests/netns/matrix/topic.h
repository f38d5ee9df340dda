// SPDX-License-Identifier: Apache-2.0
// What the matrix is made of: topics, each a way in which the plugins are configured, with rows that say who reaches what and
// whom the server sees. A row is a cell for each protocol and family.
//
// Places, each a namespace unless said otherwise, with addresses of both families:
//   server      a container with published ports, in the network under test ("main")
//   neighbour   a container in the same network
//   stranger    a container in another Footbridge network, of bridge
//   remote      a container in another Footbridge network, of ptp
//   host        the host, by its outside address; "second" is another address of that link
//   localhost   the host, by 127.0.0.1 and ::1
//   outside     a machine on the host's LAN; it has routes to the containers
// Addresses that are nobody's place: "gateway" (main's), "stranger's gateway", "remote's gateway"; "fixed", which no link has
// and outside has routes to, by the host; "group" (multicast), "broadcast" (main's), "everybody" (255.255.255.255).
#pragma once

#include <string>
#include <vector>

#include "tests/netns/host.h"

namespace test {

inline constexpr const char* kNobody = "nobody";
inline constexpr const char* kItself = "itself";  // the server sees the client's own address
inline constexpr const char* kNotAsked = nullptr;

struct Row {
  const char* from;                // a place
  const char* to;                  // "PLACE:PORT": a published port; "PLACE": port 7000 of the place itself
  const char* v4;                  // whom the server sees: a place or an address, kItself; kNobody: it is not reached
  const char* v6;                  // likewise
  const char* protocol = nullptr;  // "tcp", "udp"; both
};
using Rows = std::vector<Row>;

struct Topic {
  const char* name;
  const char* type = "bridge";     // of main
  const char* main = "{}";         // keys of main's configuration, over `ipMasq` and `hairpinMode` true
  const char* others = "{}";       // of the other networks' configurations
  const char* portmap = "{}";      // of portmap's
  const char* mappings = nullptr;  // portMappings: 8080 to 80, TCP and UDP
  bool has_br_netfilter = false;   // do frames that are bridged pass through the IP hooks?
  Rows rows = {};
};

Rows operator+(Rows rows, const Rows& more);

// A cell: one row, one protocol, one family.
struct Cell {
  const Row* row;
  bool is_tcp;
  bool is_v4;
  [[nodiscard]] const char* expected() const { return is_v4 ? row->v4 : row->v6; }
  [[nodiscard]] std::string name() const;
};

std::vector<Cell> cells(const Topic& topic);

// The number of cells, and what is wrong, a line each that names the cell.
struct Verdict {
  std::size_t cells = 0;
  std::vector<std::string> defects;
};

}  // namespace test

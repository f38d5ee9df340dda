// SPDX-License-Identifier: Apache-2.0
// Topics, rows and cells of the matrix. A topic is one configuration of the plugins. A row states whether a client
// reaches a destination, and which client address the server sees. A row has one cell per protocol and family.
//
// Places, with addresses of both families; each is a namespace, except the three of the host:
//   server      a container with published ports, in the network under test ("main")
//   neighbour   a container in the same network
//   stranger    a container in another Footbridge network, of bridge
//   remote      a container in another Footbridge network, of ptp
//   host        the host, by its outside address; "second" is another address of that link
//   localhost   the host, by 127.0.0.1 and ::1
//   outside     a machine on the host's LAN; it has routes to the containers
// Addresses that are not places: "gateway" (main's), "stranger's gateway", "remote's gateway"; "fixed" (on no link;
// outside has routes to it via the host); "group" (multicast), "broadcast" (main's), "all-ones" (255.255.255.255).
#pragma once

#include <string>
#include <vector>

#include "tests/netns/host.h"

namespace test {

inline constexpr const char* kUnreached = "unreached";  // the server is not reached
inline constexpr const char* kItself = "itself";        // the server sees the client's own address
inline constexpr const char* kNotTested = nullptr;      // the family is not tested

struct Row {
  const char* from;                // a place
  const char* to;                  // "PLACE:PORT": a published port; "PLACE": port 7000 of the place itself
  const char* v4;                  // the client that the server sees: a place, an address, kItself; or kUnreached
  const char* v6;                  // likewise
  const char* protocol = nullptr;  // "tcp", "udp"; default: both
};
using Rows = std::vector<Row>;

struct Topic {
  const char* name;
  const char* type = "bridge";     // of main
  const char* main = "{}";         // keys of main's configuration, over `ipMasq` and `hairpinMode` true
  const char* others = "{}";       // keys of the other networks' configurations
  const char* portmap = "{}";      // keys of portmap's configuration
  const char* mappings = nullptr;  // portMappings; default: 8080 to 80, TCP and UDP
  bool has_br_netfilter = false;   // do bridged frames pass through the IP hooks?
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

// The number of cells, and one line per defect, which names the cell.
struct Verdict {
  std::size_t cells = 0;
  std::vector<std::string> defects;
};

}  // namespace test

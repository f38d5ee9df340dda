// SPDX-License-Identifier: Apache-2.0
// What connection tracking knows of a connection, as `conntrack -L` prints it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tests/netns/host.h"

namespace test {

struct Tuple {
  std::string source;
  std::string destination;
  std::uint16_t source_port = 0;
  std::uint16_t destination_port = 0;
  friend bool operator==(const Tuple&, const Tuple&) = default;
  [[nodiscard]] std::string text() const;
};

struct Flow {
  std::string protocol;  // "tcp", "udp"
  Tuple original;        // as the client sends
  Tuple reply;           // as the server answers
};

// All of the host's, of both families.
std::vector<Flow> flows(const Host& host);

// The one that began so; nullopt when it was not tracked.
std::optional<Flow> flow_of(const std::vector<Flow>& flows, const std::string& protocol, const Tuple& original);

}  // namespace test

// SPDX-License-Identifier: Apache-2.0
// Connection tracking entries, as `conntrack -L` prints them.
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
  Tuple original;        // from the client
  Tuple reply;           // from the server
};

// All entries of the host, of both families.
std::vector<Flow> flows(const Host& host);

// The entry with that original tuple; nullopt if the connection is not tracked.
std::optional<Flow> flow_of(const std::vector<Flow>& flows, const std::string& protocol, const Tuple& original);

}  // namespace test

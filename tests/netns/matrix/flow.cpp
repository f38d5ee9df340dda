// SPDX-License-Identifier: Apache-2.0
#include "tests/netns/matrix/flow.h"

#include <algorithm>
#include <array>
#include <sstream>

namespace test {
namespace {

// The two values of KEY=: of the original direction, then of the reply.
std::array<std::string, 2> values(const std::string& line, const std::string& key) {
  std::array<std::string, 2> found;
  std::size_t at = 0;
  for (std::string& value : found) {
    at = line.find(" " + key + "=", at);
    if (at == std::string::npos) break;
    at += key.size() + 2;
    value = line.substr(at, line.find(' ', at) - at);
  }
  return found;
}

std::uint16_t port_of(const std::string& text) {
  return text.empty() ? std::uint16_t{0} : static_cast<std::uint16_t>(std::stoi(text));
}

Flow parse_flow(const std::string& line) {
  Flow flow;
  flow.protocol = line.substr(0, line.find(' '));
  const auto source = values(line, "src");
  const auto destination = values(line, "dst");
  const auto source_port = values(line, "sport");
  const auto destination_port = values(line, "dport");
  flow.original = {source[0], destination[0], port_of(source_port[0]), port_of(destination_port[0])};
  flow.reply = {source[1], destination[1], port_of(source_port[1]), port_of(destination_port[1])};
  return flow;
}

}  // namespace

std::string Tuple::text() const {
  return source + " " + std::to_string(source_port) + " -> " + destination + " " + std::to_string(destination_port);
}

std::vector<Flow> flows(const Host& host) {
  std::vector<Flow> all;
  for (const char* family : {"ipv4", "ipv6"}) {
    std::istringstream lines(host.run({"conntrack", "-L", "-f", family}));
    for (std::string line; std::getline(lines, line);) all.push_back(parse_flow(line));
  }
  return all;
}

std::optional<Flow> flow_of(const std::vector<Flow>& flows, const std::string& protocol, const Tuple& original) {
  const auto found = std::find_if(flows.begin(), flows.end(), [&](const Flow& flow) {
    return flow.protocol == protocol && flow.original == original;
  });
  return found == flows.end() ? std::nullopt : std::optional<Flow>(*found);
}

}  // namespace test

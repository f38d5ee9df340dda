// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/traffic_fill.h"

#include <vector>

#include <fmt/format.h>

#include "tests/bench/copies.h"

namespace traffic {
namespace {

bench::Attachment container(int number, const std::string& address) {
  bench::Attachment attachment{"c" + std::to_string(number), address, {}};
  for (int which = 0; which < kPorts; ++which) attachment.host_ports.push_back(host_port(number, which));
  return attachment;
}

}  // namespace

std::string filled_address(int container) { return fmt::format("10.1.{}.{}", 100 + container / 200, container % 200); }

void fill(const test::Host& host, const Side& side, int count) {
  std::vector<bench::Attachment> copies;
  for (int i = 1; i <= count; ++i) copies.push_back(container(i, filled_address(i)));
  bench::copy_rules(host, side.backend, container(0, kFirstAddress), copies);
}

}  // namespace traffic

// SPDX-License-Identifier: Apache-2.0
// The cost of large port ranges.
#include <chrono>

#include <doctest/doctest.h>

#include "tests/netns/host.h"

using test::call;
using test::Host;

TEST_CASE("DEL of 30,000 ports takes less than five times as long as their ADD, with and without portMappings") {
  using Clock = std::chrono::steady_clock;
  Host host;
  const std::string netns = host.add_netns("c1");
  const test::Json range = {{"hostPort", 1000}, {"containerPort", 1000}, {"range", 30000}};
  const test::Json interface = {{"name", "eth0"}, {"sandbox", netns}};
  const test::Json address = {{"address", "10.1.0.2/24"}, {"interface", 0}};
  test::Json bare = {{"cniVersion", "1.0.0"}, {"name", "n"}, {"type", "portmap"}};
  bare["prevResult"] = {{"cniVersion", "1.0.0"}, {"interfaces", {interface}}, {"ips", {address}}};
  test::Json full = bare;
  full["runtimeConfig"]["portMappings"] = test::Json::array({range});
  for (const test::Json& known : {full, bare}) {
    const auto start = Clock::now();
    const auto added = call({"portmap", "ADD", "c1", netns, full.dump()});
    REQUIRE_MESSAGE(added.ok(), added.out);
    const auto middle = Clock::now();
    REQUIRE(call({"portmap", "DEL", "c1", netns, known.dump()}).ok());
    CHECK(Clock::now() - middle < 5 * (middle - start));
    CHECK(host.elements("hostport4").empty());
  }
}

// SPDX-License-Identifier: Apache-2.0
#include "lib/attachment/single/single.h"

#include <doctest/doctest.h>

#include "tests/lib/cni/call.h"

namespace {

attachment::Wanted parse(const cni::Request& request) {
  return {netlink::Dummy{}, {}, attachment::parse_mtu(request.fields())};
}

std::string refusal(const attachment::Single& single, const std::string& keys) {
  const cni::Plugin plugin = attachment::plugin_of(single);
  return error_of([&] {
    plugin.check_configuration(request_of(R"({"cniVersion": "1.0.0", "name": "n", "type": "x")" + keys + "}"));
  });
}

}  // namespace

TEST_CASE("a configuration is checked without looking at the host: its keys, and ipam where the plugin requires it") {
  const attachment::Single needs_ipam{.name = "x", .parse = parse, .needs_ipam = "x requires an IPAM configuration"};
  const attachment::Single may_have_ipam{.name = "x", .parse = parse};
  CHECK(refusal(needs_ipam, R"(, "ipam": {"type": "host-local"})").empty());
  CHECK(refusal(needs_ipam, "").starts_with("7: x requires an IPAM configuration [set ipam.type to"));
  CHECK(refusal(may_have_ipam, "").empty());
  CHECK(refusal(may_have_ipam, R"(, "mtu": "large")").starts_with("7: "));
}

// SPDX-License-Identifier: Apache-2.0
#include "lib/net/vlan.h"

#include <doctest/doctest.h>

namespace {

net::VlanId id(std::int64_t value) { return net::VlanId::from(value).value(); }
net::VlanRange range(std::int64_t first, std::int64_t last) { return {id(first), id(last)}; }

std::string shown(const std::vector<net::VlanRange>& ranges) {
  std::string text;
  for (const net::VlanRange& one : ranges) text += (text.empty() ? "" : " ") + one.text();
  return text;
}

}  // namespace

TEST_CASE("a range of VLANs is printed with both ends, or as one number") {
  CHECK(range(100, 199).text() == "100-199");
  CHECK(range(100, 100).text() == "100");
}

TEST_CASE("a range contains both its ends") {
  CHECK(range(5, 7).contains(id(5)));
  CHECK(range(5, 7).contains(id(7)));
  CHECK(!range(5, 7).contains(id(4)));
  CHECK(!range(5, 7).contains(id(8)));
}

TEST_CASE("overlapping and adjacent ranges are joined") {
  CHECK(shown(net::joined({})) == "");
  CHECK(shown(net::joined({range(30, 40), range(10, 20)})) == "10-20 30-40");
  CHECK(shown(net::joined({range(10, 20), range(21, 30)})) == "10-30");
  CHECK(shown(net::joined({range(10, 20), range(22, 30)})) == "10-20 22-30");
  CHECK(shown(net::joined({range(10, 40), range(12, 15), range(41, 41), range(10, 10)})) == "10-41");
  CHECK(shown(net::joined({range(1, 4094), range(4094, 4094)})) == "1-4094");
}

// SPDX-License-Identifier: Apache-2.0
#include "lib/net/closest.h"

#include <vector>

#include <doctest/doctest.h>

namespace {

const std::vector<std::string> kNames{"bridge", "host-device", "host-local", "ipvlan", "macvlan", "ptp", "vlan"};

}  // namespace

TEST_CASE("one character too many, too few, wrong or swapped is a typing error") {
  CHECK(net::closest("bridgee", kNames) == "bridge");
  CHECK(net::closest("bridg", kNames) == "bridge");
  CHECK(net::closest("host_local", kNames) == "host-local");
  CHECK(net::closest("brigde", kNames) == "bridge");
  CHECK(net::closest("ptpp", kNames) == "ptp");
}

TEST_CASE("two edits are a typing error in a long name only") {
  CHECK(net::closest("hostlokal", kNames) == "host-local");
  CHECK(net::closest("bridges0", kNames) == "bridge");
  CHECK(net::closest("brdgee", kNames).empty());
  CHECK(net::closest("p", kNames).empty());
}

TEST_CASE("a different name suggests nothing") {
  for (const char* name : {"", "nowhere", "portmap", "bridge"}) CHECK_MESSAGE(net::closest(name, kNames).empty(), name);
  CHECK(net::closest("bridge", {}).empty());
}

TEST_CASE("the closer candidate wins, and the first of equals") {
  const std::vector<std::string> names{"abcdefxy", "abcdefgx", "abcdefgy"};
  CHECK(net::closest("abcdefgh", names) == "abcdefgx");
}

TEST_CASE("a suggestion is the end of an error text") {
  CHECK(net::suggestion("brigde", kNames) == "; did you mean \"bridge\"?");
  CHECK(net::suggestion("nowhere", kNames).empty());
}

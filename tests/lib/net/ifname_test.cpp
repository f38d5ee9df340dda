// SPDX-License-Identifier: Apache-2.0
#include "lib/net/ifname.h"

#include <stdexcept>
#include <string>

#include <doctest/doctest.h>

#include "lib/net/vlan.h"

using net::IfName;

TEST_CASE("interface names are accepted as in the kernel") {
  for (const char* text : {"eth0", "e", "veth0123456789a", "eth0.100", "a-b_c", "...", "br@1", "\u00e9th0"}) {
    CHECK_MESSAGE(IfName::flaw(text).empty(), text);
    CHECK(IfName(text).text() == text);
  }
}

TEST_CASE("an invalid name is reported in the words of the reference") {
  CHECK(IfName::flaw("") == "interface name is empty");
  CHECK(IfName::flaw("0123456789abcde").empty());
  CHECK(IfName::flaw("0123456789abcdef") == "interface name is too long");
  CHECK(IfName::flaw(".") == "interface name is . or ..");
  CHECK(IfName::flaw("..") == "interface name is . or ..");
  for (const std::string text : {"a/b", "a:b", "a b", "a\tb", "a\nb", "a\u00a0b", "a\u2003b", "\u3000"}) {
    CHECK_MESSAGE(IfName::flaw(text) == "interface name contains / or : or whitespace characters", text);
  }
  CHECK_FALSE(IfName::flaw(std::string_view("a\0b", 3)).empty());
  CHECK_THROWS_WITH_AS(IfName("a/b"), "interface name contains / or : or whitespace characters", std::invalid_argument);
}

TEST_CASE("a VLAN id is a number from 1 to 4094") {
  CHECK(net::VlanId::from(1)->value() == 1);
  CHECK(net::VlanId::from(4094)->value() == 4094);
  for (const std::int64_t bad : {0L, 4095L, -1L, 65537L}) CHECK_FALSE(net::VlanId::from(bad));
}

// SPDX-License-Identifier: Apache-2.0
#include "lib/net/mac.h"

#include <stdexcept>
#include <vector>

#include <doctest/doctest.h>

using net::Mac;

TEST_CASE("a MAC address is parsed with colons, hyphens or dots, in either case, and printed in one form") {
  CHECK(Mac::parse("0a:58:0A:01:00:02")->text() == "0a:58:0a:01:00:02");
  CHECK(Mac::parse("0A-58-0a-01-00-fF")->text() == "0a:58:0a:01:00:ff");
  CHECK(Mac::parse("0a58.0A01.00fF")->text() == "0a:58:0a:01:00:ff");
}

TEST_CASE("other text is not a MAC address") {
  for (const char* text : {"", "0a:58:0a:01:00", "0a:58:0a:01:00:02:03", "0a:58-0a:01:00:02", "0a58.0a01-0002",
                           "0a58:0a01:0002", "0a58.0a01.000g", "0a58.0a01.002", "0a580a01.00.02", "0a58.0a01.0002.",
                           "0a:58:0a:01:00:02:", "0a580a010002", "a:58:0a:01:00:002", "0g:58:0a:01:00:02",
                           "0a:58:0a:01:00:0 ", "-a:58:0a:01:00:02", "0xa:58:0a:01:00:2", "0a.58.0a.01.00.02"}) {
    CHECK_MESSAGE(!Mac::parse(text), text);
  }
}

TEST_CASE("an interface can have only a unicast address") {
  CHECK(Mac::parse("0a:58:0a:01:00:02")->is_unicast());
  CHECK_FALSE(Mac::parse("01:00:5e:00:00:01")->is_unicast());
  CHECK_FALSE(Mac::parse("ff:ff:ff:ff:ff:ff")->is_unicast());
  CHECK_FALSE(Mac::parse("00:00:00:00:00:00")->is_unicast());
  CHECK(Mac::parse("01:00:5e:00:00:01")->is_multicast());
  CHECK(Mac{}.is_zero());
}

TEST_CASE("six bytes are a MAC address") {
  CHECK(Mac::from_bytes(std::vector<std::uint8_t>{0, 1, 2, 0xab, 0xcd, 0xef}).text() == "00:01:02:ab:cd:ef");
  CHECK_THROWS_AS(Mac::from_bytes(std::vector<std::uint8_t>(8)), std::invalid_argument);
}

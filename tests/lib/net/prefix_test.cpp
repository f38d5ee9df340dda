// SPDX-License-Identifier: Apache-2.0
#include "lib/net/prefix.h"

#include <doctest/doctest.h>

using net::Address;
using net::Prefix;

namespace {

Prefix prefix(std::string_view text) {
  const auto parsed = Prefix::parse(text);
  REQUIRE_MESSAGE(parsed, std::string(text));
  return *parsed;
}

bool contains(std::string_view network, std::string_view address) {
  return prefix(network).contains(*Address::parse(address));
}

}  // namespace

TEST_CASE("a prefix keeps its host bits") {
  CHECK(prefix("10.1.0.2/24").text() == "10.1.0.2/24");
  CHECK(prefix("10.1.0.2/24").has_host_bits());
  CHECK(prefix("10.1.0.2/24").network().text() == "10.1.0.0/24");
  CHECK_FALSE(prefix("10.1.0.0/24").has_host_bits());
  CHECK(prefix("FD00::5/64").text() == "fd00::5/64");
}

TEST_CASE("the first and the last address of a network") {
  const auto ends = [](std::string_view text) {
    return prefix(text).first().text() + " " + prefix(text).last().text();
  };
  CHECK(ends("10.1.0.77/24") == "10.1.0.0 10.1.0.255");
  CHECK(ends("10.1.0.77/20") == "10.1.0.0 10.1.15.255");
  CHECK(ends("10.1.0.77/30") == "10.1.0.76 10.1.0.79");
  CHECK(ends("10.1.0.77/32") == "10.1.0.77 10.1.0.77");
  CHECK(ends("10.1.0.77/0") == "0.0.0.0 255.255.255.255");
  CHECK(ends("fd00::77/64") == "fd00:: fd00::ffff:ffff:ffff:ffff");
  CHECK(ends("fd00::77/121") == "fd00:: fd00::7f");
}

TEST_CASE("other text is not a prefix") {
  for (const char* text : {"", "/", "10.1.0.0", "10.1.0.0/", "/24", "10.1.0.0/33", "fd00::/129", "10.1.0.0/-1",
                           "10.1.0.0/+8", "10.1.0.0/08", "10.1.0.0/24 ", "10.1.0.0/24/24", "10.1.0/24", "10.1.0.0/0x18",
                           "10.1.0.0/255.255.255.0", "10.1.0.0/99999999999"}) {
    CHECK_MESSAGE(!Prefix::parse(text), text);
  }
}

TEST_CASE("a network contains the addresses of its range and family") {
  CHECK(contains("10.1.0.0/24", "10.1.0.255"));
  CHECK(contains("10.1.0.9/24", "10.1.0.0"));
  CHECK_FALSE(contains("10.1.0.0/24", "10.1.1.0"));
  CHECK(contains("10.1.0.128/25", "10.1.0.128"));
  CHECK_FALSE(contains("10.1.0.128/25", "10.1.0.127"));
  CHECK(contains("0.0.0.0/0", "255.1.2.3"));
  CHECK_FALSE(contains("0.0.0.0/0", "::1"));
  CHECK(contains("fd00::/64", "fd00::ffff:0:0:1"));
}

TEST_CASE("networks overlap if one contains the other, in either order") {
  const auto overlap = [](std::string_view one, std::string_view other) {
    CHECK(prefix(one).overlaps(prefix(other)) == prefix(other).overlaps(prefix(one)));
    return prefix(one).overlaps(prefix(other));
  };
  CHECK(overlap("10.1.0.0/16", "10.1.5.0/24"));
  CHECK(overlap("10.1.0.0/24", "10.1.0.0/24"));
  CHECK_FALSE(overlap("10.1.0.0/24", "10.1.1.0/24"));
  CHECK_FALSE(overlap("0.0.0.0/0", "::/0"));
}

TEST_CASE("a prefix for one address, and for all of a family") {
  CHECK(Prefix::host(*Address::parse("10.1.0.2")).text() == "10.1.0.2/32");
  CHECK(Prefix::host(*Address::parse("fd00::2")).text() == "fd00::2/128");
  CHECK(Prefix::any(net::Family::v4).text() == "0.0.0.0/0");
  CHECK(Prefix::any(net::Family::v6).text() == "::/0");
  CHECK(Prefix::any(net::Family::v6).is_any());
  CHECK_FALSE(prefix("0.0.0.0/1").is_any());
}

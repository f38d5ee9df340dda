// SPDX-License-Identifier: Apache-2.0
#include "lib/net/address.h"

#include <algorithm>
#include <stdexcept>
#include <vector>

#include <doctest/doctest.h>

using net::Address;

namespace {

// Parses and prints a text; "bad" if it is not an address.
std::string again(std::string_view text) {
  const auto address = Address::parse(text);
  return address ? address->text() : "bad";
}

}  // namespace

TEST_CASE("an address is parsed in every form and printed in one") {
  CHECK(again("10.1.0.2") == "10.1.0.2");
  CHECK(again("0.0.0.0") == "0.0.0.0");
  CHECK(again("255.255.255.255") == "255.255.255.255");
  CHECK(again("FD00:0:0:1::A") == "fd00:0:0:1::a");
  CHECK(again("fd00:0000:0000:0001:0000:0000:0000:000a") == "fd00:0:0:1::a");
  CHECK(again("::") == "::");
  CHECK(again("::1") == "::1");
  CHECK(again("2001:db8:0:1:1:1:1:1") == "2001:db8:0:1:1:1:1:1");
  CHECK(again("2001:0:0:1:0:0:0:1") == "2001:0:0:1::1");
  CHECK(again("2001:db8:0:0:1:0:0:1") == "2001:db8::1:0:0:1");
}

TEST_CASE("an IPv4-mapped address is the IPv4 address") {
  CHECK(again("::ffff:10.0.0.1") == "10.0.0.1");
  CHECK(again("::ffff:a00:1") == "10.0.0.1");
  CHECK(Address::parse("::ffff:10.0.0.1")->is_v4());
}

TEST_CASE("an IPv6 address that ends like IPv4 is printed as IPv6, unlike in glibc") {
  CHECK(again("::1.2.3.4") == "::102:304");
  CHECK(again("::1:0") == "::1:0");
  CHECK(again("::304") == "::304");
  CHECK(again("64:ff9b::1.2.3.4") == "64:ff9b::102:304");
}

TEST_CASE("other text is not an address") {
  for (const char* text : {"",
                           " ",
                           "10",
                           "10.1.0",
                           "10.1.0.2.3",
                           "10.1.0.256",
                           "10.1.0.02",
                           "010.1.0.2",
                           "0x0a.1.0.2",
                           "10.1.0.2 ",
                           " 10.1.0.2",
                           "10.1.0.2/24",
                           "fd00::1%eth0",
                           "fd00:::1",
                           "fd00::1::2",
                           "fd00:1",
                           "1:2:3:4:5:6:7:8:9",
                           "fd00::g",
                           "[fd00::1]",
                           "localhost"}) {
    CHECK_MESSAGE(again(text) == "bad", text);
  }
  CHECK(again(std::string_view("10.1.0.2\0x", 10)) == "bad");
  CHECK(again(std::string(1000, '1')) == "bad");
}

TEST_CASE("the next and the previous address carry over bytes and wrap around") {
  const auto next = [](const char* text) { return Address::parse(text)->next().text(); };
  const auto previous = [](const char* text) { return Address::parse(text)->previous().text(); };
  CHECK(next("10.1.0.2") == "10.1.0.3");
  CHECK(next("10.1.255.255") == "10.2.0.0");
  CHECK(next("255.255.255.255") == "0.0.0.0");
  CHECK(next("fd00::ffff:ffff") == "fd00::1:0:0");
  CHECK(next("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff") == "::");
  CHECK(previous("10.2.0.0") == "10.1.255.255");
  CHECK(previous("0.0.0.0") == "255.255.255.255");
  CHECK(previous("fd00::1:0:0") == "fd00::ffff:ffff");
  CHECK(previous("::") == "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff");
}

TEST_CASE("addresses sort by family, then by value") {
  std::vector<Address> addresses;
  for (const char* text : {"::1", "10.1.0.10", "fd00::2", "10.1.0.9", "9.0.0.0"})
    addresses.push_back(*Address::parse(text));
  std::sort(addresses.begin(), addresses.end());
  std::string sorted;
  for (const Address& address : addresses) sorted += address.text() + " ";
  CHECK(sorted == "9.0.0.0 10.1.0.9 10.1.0.10 ::1 fd00::2 ");
}

TEST_CASE("4 or 16 bytes are an address") {
  const std::vector<std::uint8_t> bytes{10, 1, 0, 2};
  CHECK(Address::from_bytes(bytes).text() == "10.1.0.2");
  CHECK(std::equal(bytes.begin(), bytes.end(), Address::from_bytes(bytes).bytes().begin()));
  CHECK(Address::from_bytes(std::vector<std::uint8_t>(16)).text() == "::");
  CHECK_THROWS_AS(Address::from_bytes(std::vector<std::uint8_t>(5)), std::invalid_argument);
  CHECK(Address().text() == "0.0.0.0");
}

TEST_CASE("unspecified and loopback addresses are recognized") {
  for (const char* text : {"0.0.0.0", "::"}) CHECK(Address::parse(text)->is_unspecified());
  for (const char* text : {"0.0.0.1", "::1"}) CHECK_FALSE(Address::parse(text)->is_unspecified());
  for (const char* text : {"127.0.0.1", "127.255.0.3", "::1"}) CHECK(Address::parse(text)->is_loopback());
  for (const char* text : {"128.0.0.1", "::2", "100::1", "::"}) CHECK_FALSE(Address::parse(text)->is_loopback());
}

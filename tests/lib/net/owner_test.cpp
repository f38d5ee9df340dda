// SPDX-License-Identifier: Apache-2.0
#include "lib/net/owner.h"

#include <doctest/doctest.h>

using net::Owner;

TEST_CASE("an owner is printed as network, container and interface, and parsed back") {
  const Owner owner{"net", "c1", "eth0"};
  CHECK(owner.text() == "net/c1/eth0");
  CHECK(Owner::parse("net/c1/eth0") == owner);
}

TEST_CASE("text without exactly three names is not an owner") {
  for (const char* text : {"", "net", "net/c1", "net/c1/eth0/more", "/c1/eth0", "net//eth0", "net/c1/", "//"}) {
    CHECK_MESSAGE(!Owner::parse(text), text);
  }
}

TEST_CASE("the last part of an owner is a valid interface name") {
  for (const char* text : {"net/c1/0123456789abcdef", "net/c1/eth0 (unfinished)", "net/c1/eth:0", "net/c1/.."}) {
    CHECK_MESSAGE(!Owner::parse(text), text);
  }
}

TEST_CASE("an owner is never parsed from a shortened comment") {
  const std::string end = "#0123456789a#veth0123456789a";  // after three names that are an owner without it
  const std::string comment = "n/" + std::string(127 - 4 - end.size(), 'c') + "/e" + end;
  REQUIRE(comment.size() == 127);
  CHECK(Owner::host_end_of(comment)->text() == "veth0123456789a");
  CHECK_FALSE(Owner::parse(comment));
}

TEST_CASE("the name of the host end has 15 characters and never changes") {
  CHECK(Owner{"net", "c1", "eth0"}.host_end().text() == "veth728aa249192");
  CHECK(Owner{"net", "c1", "eth0"}.host_end().text().size() == 15);
}

TEST_CASE("each part of the owner changes the name of the host end") {
  const auto name = Owner{"net", "c1", "eth0"}.host_end();
  CHECK(name != Owner{"net", "c1", "eth1"}.host_end());
  CHECK(name != Owner{"net", "c2", "eth0"}.host_end());
  CHECK(name != Owner{"nes", "c1", "eth0"}.host_end());
}

TEST_CASE(
    "a comment is the owner's text if it fits, otherwise its beginning, the network's hash and the host end's name") {
  const std::string id(64, 'a');
  CHECK(Owner{"net", id, "eth0"}.comment() == "net/" + id + "/eth0");
  const Owner just{std::string(57, 'n'), id, "eth0"};
  CHECK(just.text().size() == 127);
  CHECK(just.comment() == just.text());
  const Owner longer{std::string(58, 'n'), id, "eth0"};
  CHECK(longer.comment().size() == 127);
  CHECK(longer.comment().starts_with(longer.text().substr(0, 99) + "#"));
  CHECK(longer.comment().ends_with("#" + longer.host_end().text()));
  CHECK(Owner::host_end_of(longer.comment()) == longer.host_end());
  CHECK(Owner::is_of_network(longer.comment(), longer.network));
  CHECK_FALSE(Owner::is_of_network(longer.comment(), longer.network + "n"));
  const Owner other{std::string(58, 'n'), id, "eth1"};
  CHECK(longer.comment() != other.comment());
}

TEST_CASE("a link is an attachment's first link if its name derives from its alias") {
  const Owner owner{"n", "c1", "eth0"};
  const std::string name = owner.host_end().text();
  CHECK(Owner::is_host_end(name, owner.alias()));
  CHECK(Owner::is_host_end(name, owner.unfinished_alias()));
  CHECK_FALSE(Owner::is_host_end("eth7", owner.alias()));
  CHECK_FALSE(Owner::is_host_end(name, "n/c2/eth0"));
  CHECK_FALSE(Owner::is_host_end(name, ""));
}

TEST_CASE("an alias contains the owner, and whether ADD has finished") {
  const net::Owner owner{"n", "c1", "eth0"};
  CHECK(owner.alias() == "n/c1/eth0");
  CHECK(owner.unfinished_alias() == "n/c1/eth0 (unfinished)");
  const auto finished = net::Owner::parse_alias("n/c1/eth0");
  const auto unfinished = net::Owner::parse_alias("n/c1/eth0 (unfinished)");
  REQUIRE(finished);
  REQUIRE(unfinished);
  CHECK((finished->owner == owner && finished->is_finished));
  CHECK((unfinished->owner == owner && !unfinished->is_finished));
  for (const char* other : {"", "uplink", "a/b", "a/b/c/d", " (unfinished)"})
    CHECK_FALSE(net::Owner::parse_alias(other));
}

TEST_CASE("an alias is never too long for the kernel") {
  const net::Owner owner{std::string(200, 'n'), std::string(64, 'c'), "eth0"};
  CHECK(owner.alias() == owner.comment());
  CHECK(owner.unfinished_alias().size() <= 254);
}

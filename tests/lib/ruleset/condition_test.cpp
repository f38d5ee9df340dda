// SPDX-License-Identifier: Apache-2.0
#include "lib/ruleset/condition.h"

#include <doctest/doctest.h>

using ruleset::Condition;
using ruleset::Conditions;
using ruleset::Subject;

namespace {

net::Prefix prefix(const std::string& text) { return net::Prefix::parse(text).value(); }

Conditions all_kinds() {
  return {net::Family::v4,
          {{Subject::source, true, prefix("10.9.0.0/16")},
           {Subject::destination, false, prefix("192.168.1.2/32")},
           {Subject::input, false, std::string("eth*")},
           {Subject::output, true, std::string("lo")}}};
}

}  // namespace

TEST_CASE("conditions have nft's text and are parsed from their map's comment") {
  const std::string text = R"(ip saddr != 10.9.0.0/16 ip daddr 192.168.1.2 iifname "eth*" oifname != "lo")";
  CHECK(all_kinds().text() == text);
  const std::string comment = "ip saddr != 10.9.0.0/16 ip daddr 192.168.1.2 iifname 'eth*' oifname != 'lo'";
  CHECK(all_kinds().comment() == comment);
  CHECK(Conditions::parse(all_kinds().map_name(), comment) == all_kinds());
  const Conditions v6{net::Family::v6, {{Subject::source, false, prefix("fd00::/8")}}};
  CHECK(v6.text() == "ip6 saddr fd00::/8");
  CHECK(Conditions::parse(v6.map_name(), v6.comment()) == v6);
}

TEST_CASE("ranges and marks are parsed from their map's comment") {
  const auto address = [](const char* text) { return net::Address::parse(text).value(); };
  const Conditions v4{net::Family::v4,
                      {{Subject::source, true, ruleset::AddressRange{address("10.0.0.3"), address("10.0.0.9")}},
                       {Subject::mark, false, ruleset::MaskedMark{0x10, 0xff}},
                       {Subject::mark, true, ruleset::MaskedMark{7}}}};
  CHECK(v4.text() == "ip saddr != 10.0.0.3-10.0.0.9 meta mark & 0x000000ff == 0x00000010 meta mark != 0x00000007");
  CHECK(Conditions::parse(v4.map_name(), v4.comment()) == v4);
  const Conditions v6{net::Family::v6,
                      {{Subject::destination, false, ruleset::AddressRange{address("fd00::3"), address("fd00::9")}},
                       {Subject::mark, false, ruleset::MaskedMark{7}}}};
  CHECK(Conditions::parse(v6.map_name(), v6.comment()) == v6);
}

TEST_CASE("the map's name contains the family and a hash of the text") {
  CHECK(all_kinds().map_name().starts_with("when4-"));
  Conditions other = all_kinds();
  other.all.pop_back();
  CHECK(other.map_name() != all_kinds().map_name());
  other.family = net::Family::v6;
  CHECK(other.map_name().starts_with("when6-"));
}

TEST_CASE("a comment that is not a list of conditions of that name is rejected") {
  const std::string name = all_kinds().map_name();
  CHECK(!Conditions::parse(name, "ip saddr 10.9.0.0/16"));  // the list of another name
  for (const char* text : {"", "ip", "ip saddr", "ip saddr !=", "ip saddr x", "iifname eth0", "ct state new",
                           "ip6 saddr ::", "ip saddr 10.0.0.1-", "ip saddr 10.0.0.1-::1", "meta", "meta mark",
                           "meta mark 7", "meta mark & 0x1 0x1"}) {
    CHECK_MESSAGE(!Conditions::parse(name, text), text);
  }
}

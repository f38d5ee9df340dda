// SPDX-License-Identifier: Apache-2.0
// Plans of the source checks.
#include "plugins/bridge/spoof.h"

#include <algorithm>

#include <doctest/doctest.h>

#include "tests/plugins/bridge/planned.h"

using bridge::Identity;
using test::kOwner;

namespace {

const net::Mac kOther{{0x0a, 0x58, 0x0a, 0x01, 0x00, 0x07}};

net::Address address(const std::string& text) { return net::Address::parse(text).value(); }

std::vector<ruleset::Element> mac_checks(const net::Mac& mac) { return bridge::elements_of(kOwner, {mac, false, {}}); }

std::vector<ruleset::Element> checks_for(const std::vector<std::string>& addresses) {
  Identity identity{test::kMac, true, {}};
  for (const std::string& text : addresses) identity.addresses.push_back(address(text));
  return bridge::elements_of(kOwner, identity);
}

std::string planned(const std::vector<ruleset::Element>& wanted, const std::vector<ruleset::Element>& seen) {
  return test::shown(bridge::plan_checks(wanted, seen));
}

}  // namespace

TEST_CASE("the link-local address is derived from the MAC address") {
  CHECK(bridge::link_local_of(test::kMac).text() == "fe80::858:aff:fe01:1");
  CHECK(bridge::link_local_of({{0x52, 0x54, 0x00, 0x12, 0x34, 0x56}}).text() == "fe80::5054:ff:fe12:3456");
}

TEST_CASE("macspoofchk uses three elements") {
  CHECK(planned(mac_checks(test::kMac), {}) ==
        "nft add element bridge footbridge checked { \"HOSTEND\" comment \"n/c1/eth0\" }\n"
        "nft add element bridge footbridge macs { \"HOSTEND\" . 0a:58:0a:01:00:01 comment \"n/c1/eth0\" }\n"
        "nft add element bridge footbridge macof { \"HOSTEND\" comment \"n/c1/eth0\" : 0a:58:0a:01:00:01 }\n");
}

TEST_CASE("ipspoofchk adds the addresses, and always the link-local one") {
  const std::string macs = planned(mac_checks(test::kMac), {});
  CHECK(
      planned(checks_for({"10.1.0.2", "fd00::2"}), {}) ==
      macs +
          "nft add element bridge footbridge ipchecked { \"HOSTEND\" comment \"n/c1/eth0\" }\n"
          "nft add element bridge footbridge ips4 { \"HOSTEND\" . 10.1.0.2 comment \"n/c1/eth0\" }\n"
          "nft add element bridge footbridge ipsof4 { \"HOSTEND\" . 0 comment \"n/c1/eth0\" : 10.1.0.2 }\n"
          "nft add element bridge footbridge ips6 { \"HOSTEND\" . fe80::858:aff:fe01:1 comment \"n/c1/eth0\" }\n"
          "nft add element bridge footbridge ipsof6 { \"HOSTEND\" . 0 comment \"n/c1/eth0\" : fe80::858:aff:fe01:1 }\n"
          "nft add element bridge footbridge targets6 { \"HOSTEND\" . 0xfe8000000000000008580afffe010001 comment "
          "\"n/c1/eth0\" }\n"
          "nft add element bridge footbridge ips6 { \"HOSTEND\" . fd00::2 comment \"n/c1/eth0\" }\n"
          "nft add element bridge footbridge ipsof6 { \"HOSTEND\" . 1 comment \"n/c1/eth0\" : fd00::2 }\n"
          "nft add element bridge footbridge targets6 { \"HOSTEND\" . 0xfd000000000000000000000000000002 comment "
          "\"n/c1/eth0\" }\n");
}

TEST_CASE("a duplicate address is added once") {
  CHECK(checks_for({"10.1.0.2", "10.1.0.2", "fe80::858:aff:fe01:1"}) == checks_for({"10.1.0.2"}));
}

TEST_CASE("existing elements are kept, missing ones are added, and others are deleted") {
  CHECK(planned(checks_for({"10.1.0.2"}), checks_for({"10.1.0.2"})).empty());
  CHECK(planned(checks_for({"10.1.0.2", "10.1.0.3"}), checks_for({"10.1.0.2"})) ==
        "nft add element bridge footbridge ips4 { \"HOSTEND\" . 10.1.0.3 comment \"n/c1/eth0\" }\n"
        "nft add element bridge footbridge ipsof4 { \"HOSTEND\" . 1 comment \"n/c1/eth0\" : 10.1.0.3 }\n");
  CHECK(planned(checks_for({"10.1.0.2"}), checks_for({"10.1.0.2", "10.1.0.3"})) ==
        "nft delete element bridge footbridge ips4 { \"HOSTEND\" . 10.1.0.3 }\n"
        "nft delete element bridge footbridge ipsof4 { \"HOSTEND\" . 1 }\n");
}

TEST_CASE("the elements of a killed ADD are replaced by those of the next ADD") {
  CHECK(planned(mac_checks(test::kMac), mac_checks(kOther)) ==
        "nft delete element bridge footbridge macs { \"HOSTEND\" . 0a:58:0a:01:00:07 }\n"
        "nft add element bridge footbridge macs { \"HOSTEND\" . 0a:58:0a:01:00:01 comment \"n/c1/eth0\" }\n"
        "nft delete element bridge footbridge macof { \"HOSTEND\" }\n"
        "nft add element bridge footbridge macof { \"HOSTEND\" comment \"n/c1/eth0\" : 0a:58:0a:01:00:01 }\n");
}

TEST_CASE("only the owner's elements are deleted, in one transaction without a generation check") {
  std::vector<ruleset::Element> seen = checks_for({"10.1.0.2"});
  seen.front().comment = "an operator's";
  const plan::Plan plan = bridge::plan_remove_checks(kOwner, seen);
  CHECK(plan.steps.size() == seen.size() - 1);
  CHECK(!plan.generation);
  CHECK(test::shown(plan).find("checked { \"HOSTEND\" }\n") ==
        test::shown(plan).find("ipchecked { \"HOSTEND\" }\n") + 2);
  CHECK(bridge::plan_remove_checks(kOwner, {}).empty());
}

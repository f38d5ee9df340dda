// SPDX-License-Identifier: Apache-2.0
#include "plugins/tuning/plan.h"

#include <doctest/doctest.h>

#include "lib/cni/result_json.h"
#include "tests/lib/cni/call.h"

namespace {

const net::Mac kMac = *net::Mac::parse("02:00:00:00:00:11");

tuning::Config config_of(const std::string& keys) {
  return tuning::parse_config(request_of(R"({"cniVersion": "1.0.0", "name": "n", "type": "tuning", )" + keys + "}"));
}

netlink::Link new_link() {
  netlink::Link link;
  link.index = 2;
  link.mac = *net::Mac::parse("7a:fb:d1:aa:99:71");
  link.mtu = 1500;
  link.tx_queue_length = 1000;
  return link;
}

tuning::Seen seen_in(std::uint64_t netns, const netlink::Link& link) { return {link, {}, netns}; }

cni::Result result_of(const std::string& json) {
  return cni::parse_result(cni::Json::parse(json), cni::Version::v1_1_0, "prevResult");
}

std::string differences(const std::string& keys, const tuning::Seen& seen) {
  plan::Differences found;
  tuning::compare(found, config_of(keys), seen);
  return found.text();
}

std::string mtu_rejection(unsigned mtu, const std::string& result) {
  return error_of([&] { tuning::require_ipv6_mtu(config_of("\"mtu\": " + std::to_string(mtu)), result_of(result)); });
}

}  // namespace

TEST_CASE("each sysctl is one write, and the interface is one message") {
  const auto config =
      config_of(R"("sysctl": {"net.ipv4.y": "2", "net.ipv4.x": "1"}, "mac": "02:00:00:00:00:11", "mtu": 1400)");
  std::string all;
  for (const plan::Plan& one : tuning::plan_sysctls(config)) all += text(one);
  CHECK(all == "container: sysctl -w net/ipv4/x=1\ncontainer: sysctl -w net/ipv4/y=2\n");
  CHECK(text(tuning::plan_interface(config)) == "container: ip link set dev eth0 address 02:00:00:00:00:11 mtu 1400\n");
  CHECK(tuning::plan_interface(config_of(R"("mtu": 0)")).empty());
}

TEST_CASE("a failed ADD restores each sysctl that had a value") {
  const auto config = config_of(R"("sysctl": {"net.ipv4.a": "1", "net.ipv4.b": "1", "net.ipv4.c": "1"})");
  std::string all;
  for (const plan::Plan& one : tuning::plan_restore_sysctls(config, {{}, {{"0"}, {std::nullopt, true}, {"4 5\t6"}}})) {
    all += text(one);
  }
  CHECK(all == "container: sysctl -w net/ipv4/a=0\ncontainer: sysctl -w net/ipv4/c=4 5\t6\n");
}

TEST_CASE("the backup contains the attributes that are configured") {
  const auto backup =
      tuning::plan_backup(config_of(R"("mac": "02:00:00:00:00:11", "promisc": true)"), seen_in(15, new_link()), {});
  CHECK(backup.previous == tuning::Attributes{.mac = new_link().mac, .promiscuous = false});
  CHECK(backup.owner->text() == "n/c1/eth0");
  CHECK(backup.link == tuning::LinkId{15, 2});
}

TEST_CASE("a second ADD without a DEL keeps the values of the first backup") {
  const auto first = tuning::plan_backup(config_of(R"("mtu": 1400)"), seen_in(15, new_link()), {});
  netlink::Link tuned = new_link();
  tuned.mtu = 1400;
  const auto second = tuning::plan_backup(config_of(R"("mtu": 1300, "txQLen": 5)"), seen_in(15, tuned), first);
  CHECK(second.previous == tuning::Attributes{.mtu = 1500U, .tx_queue_length = 1000U});
  const auto of_another_link = tuning::plan_backup(config_of(R"("mtu": 1300)"), seen_in(16, tuned), first);
  CHECK(of_another_link.previous == tuning::Attributes{.mtu = 1400U});
  const auto of_reference =
      tuning::plan_backup(config_of(R"("mtu": 1300)"), seen_in(15, tuned), tuning::Backup{{.mtu = 9000U}, {}, {}});
  CHECK(of_reference.previous == tuning::Attributes{.mtu = 1400U});
}

TEST_CASE("the result has the interface's new MAC address and MTU; other interfaces are unchanged") {
  const auto previous = result_of(
      R"({"interfaces": [{"name": "eth0", "mac": "a", "sandbox": "/run/netns/x"}, {"name": "eth0", "mac": "b"},
                         {"name": "eth1", "mac": "c", "sandbox": "/run/netns/x"}]})");
  const auto result = tuning::describe(previous, config_of(R"("mac": "02:00:00:00:00:11", "mtu": 1400)"));
  CHECK(result.interfaces[0].mac == kMac.text());
  CHECK(result.interfaces[0].mtu == 1400);
  CHECK(result.interfaces[1] == previous.interfaces[1]);
  CHECK(result.interfaces[2] == previous.interfaces[2]);
  CHECK(tuning::describe(previous, config_of(R"("promisc": true)")) == previous);
}

TEST_CASE("CHECK compares only what is configured") {
  netlink::Link link = new_link();
  link.is_promiscuous = true;
  CHECK(differences(R"("mtu": 1500)", {link, {}}) == "none");
  CHECK(differences(R"("mtu": 1400, "mac": "02:00:00:00:00:11", "allmulti": true, "txQLen": 5)", {link, {}}) ==
        "interface eth0 mac: expected 02:00:00:00:00:11, found 7a:fb:d1:aa:99:71, interface eth0 mtu: expected 1400, "
        "found "
        "1500, interface eth0 allmulti: expected on, found off, interface eth0 txQLen: expected 5, found 1000");
  CHECK(differences(R"("promisc": true)", {new_link(), {}}) == "interface eth0 promisc: expected on, found off");
  CHECK(differences(R"("mtu": 1500)", {}) == "interface eth0: not found");
  CHECK(differences(R"("promisc": false)", {}) == "none");
}

TEST_CASE("CHECK compares the meaning of sysctls, and skips write-only ones") {
  CHECK(differences(R"("sysctl": {"net.ipv4.tcp_rmem": "4096 131072  6291456"})", {{}, {{"4096\t131072\t6291456"}}}) ==
        "none");
  CHECK(differences(R"("sysctl": {"net.ipv4.route.flush": "1"})", {{}, {{std::nullopt, true}}}) == "none");
  CHECK(differences(R"("sysctl": {"net.ipv4.x": "1"})", {{}, {{"0"}}}) == "sysctl net.ipv4.x: expected 1, found 0");
  CHECK(differences(R"("sysctl": {"net.ipv4.x": "1"})", {{}, {{}}}) == "sysctl net.ipv4.x: expected 1, found nothing");
}

TEST_CASE("an MTU that would delete the interface's IPv6 address is rejected") {
  const std::string v6 = R"({"interfaces": [{"name": "eth0", "sandbox": "/x"}, {"name": "eth1", "sandbox": "/x"}],
                             "ips": [{"address": "10.1.0.2/24", "interface": 0},
                                     {"address": "fd00::2/64", "interface": )";
  CHECK(mtu_rejection(1279, v6 + "0}]}") ==
        "7: mtu 1279 would delete fd00::2/64 from eth0: IPv6 needs an MTU of at least 1280 bytes [mtu: allowed with an "
        "IPv6 "
        "address: 1280 or more]");
  CHECK(mtu_rejection(1280, v6 + "0}]}") == "");
  CHECK(mtu_rejection(1000, v6 + "1}]}") == "");
  CHECK(mtu_rejection(1000, R"({"ips": [{"address": "10.1.0.2/24"}]})") == "");
  CHECK(mtu_rejection(1000, R"({"ips": [{"address": "fd00::2/64"}]})") != "");
}

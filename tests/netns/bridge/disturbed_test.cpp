// SPDX-License-Identifier: Apache-2.0
// Calls under adverse conditions: concurrent calls, a flushed ruleset, a caller that is gone, a reused path.
#include <filesystem>
#include <fstream>

#include <doctest/doctest.h>

#include "tests/netns/bridge/config.h"
#include "tests/netns/host.h"

using test::call;
using test::Host;
using test::Json;
using test::kBridge;
using test::kPortmap;

namespace {

std::string ports(const Json& previous, int count) {
  Json json = Json::parse(test::with_previous(kPortmap, previous));
  for (int i = 0; i < count; ++i) {
    json["runtimeConfig"]["portMappings"].push_back(
        {{"hostPort", 10000 + i}, {"containerPort", 80}, {"protocol", i % 2 == 0 ? "tcp" : "udp"}});
  }
  return json.dump();
}

// A call of a plugin by a shell, for redirections and signal masks.
os::ProcessOutput call_by_shell(const Host& host, const std::string& verb, const std::string& netns,
                                const std::string& line) {
  const std::string variables = "CNI_COMMAND=" + verb + " CNI_CONTAINERID=c1 CNI_IFNAME=eth0 CNI_NETNS=" + netns +
                                " CNI_PATH=" + test::bin() + " ";
  return host.try_run({}, {"bash", "-c", "export " + variables + "; " + line}, kBridge);
}

}  // namespace

TEST_CASE("one of two concurrent ADDs of one attachment succeeds, with a correct result") {
  for (int round = 0; round < 10; ++round) {
    Host host;
    const std::string netns = host.add_netns("x");
    const test::Call add{"bridge", "ADD", "c1", netns, kBridge};
    const auto outcomes = test::call_together({add, add});
    REQUIRE(outcomes[0].ok() + outcomes[1].ok() == 1);
    const Json result = (outcomes[0].ok() ? outcomes[0] : outcomes[1]).json();
    CHECK(call({"bridge", "CHECK", "c1", netns, test::with_previous(kBridge, result)}).ok());
  }
}

TEST_CASE("concurrent ADD and DEL of one attachment leave either all of it or nothing") {
  for (int round = 0; round < 10; ++round) {
    Host host;
    const std::string netns = host.add_netns("x");
    const test::Call add{"bridge", "ADD", "c1", netns, kBridge};
    const test::Call del{"bridge", "DEL", "c1", netns, kBridge};
    const auto outcomes = test::call_together({add, del});
    CHECK(outcomes[1].ok());
    REQUIRE(outcomes[0].ok());
    const bool is_there = host.elements("masq4").size() == 1;
    const auto checked = call({"bridge", "CHECK", "c1", netns, test::with_previous(kBridge, outcomes[0].json())});
    CHECK(checked.ok() == is_there);
    CHECK(host.ip("link show type veth").size() == (is_there ? 1U : 0U));
  }
}

TEST_CASE("DEL with the path of the host's namespace deletes the attachment, and no link of the host") {
  Host host;
  REQUIRE(call({"bridge", "ADD", "c1", host.add_netns("x"), kBridge}).ok());
  host.remove_netns("x");
  for (const char* plugin : {"portmap", "bridge", "loopback"}) {
    const auto deleted = call({plugin, "DEL", "c1", "/proc/self/ns/net", kBridge});
    CHECK_MESSAGE(deleted.ok(), deleted.out);
  }
  CHECK(host.elements("masq4").empty());
  CHECK(host.run({"ls", "/var/lib/cni/networks/n"}) == "last_reserved_ip.0\nlock\n");
  CHECK(host.ip("link show dev lo")[0]["flags"].dump().find("UP") != std::string::npos);
}

TEST_CASE("ADD disables router advertisements on an operator's bridge too") {
  Host host;
  host.run({"ip", "link", "add", "cni0", "type", "bridge"});
  host.run({"sysctl", "-q", "net.ipv6.conf.cni0.accept_ra=1"});
  REQUIRE(call({"bridge", "ADD", "c1", host.add_netns("x"), kBridge}).ok());
  CHECK(host.run({"cat", "/proc/sys/net/ipv6/conf/cni0/accept_ra"}) == "0\n");
  CHECK(host.run({"cat", "/proc/sys/net/ipv6/conf/eth0/accept_ra"}, "x") == "0\n");  // even in an IPv4 network
}

TEST_CASE("after a flush of the ruleset DEL succeeds, CHECK fails, and the next ADD restores the table") {
  Host host;
  const Json result = call({"bridge", "ADD", "c1", host.add_netns("x"), kBridge}).json();
  REQUIRE(call({"portmap", "ADD", "c1", "/run/netns/x", ports(result, 2)}).ok());
  SUBCASE("all of it") { host.run({"nft", "flush", "ruleset"}); }
  SUBCASE("the table's rules") { host.run({"nft", "flush", "table", "inet", "footbridge"}); }
  SUBCASE("one chain's rules") { host.run({"nft", "flush", "chain", "inet", "footbridge", "postrouting"}); }
  CHECK_FALSE(call({"bridge", "CHECK", "c1", "/run/netns/x", test::with_previous(kBridge, result)}).ok());
  CHECK_FALSE(call({"portmap", "CHECK", "c1", "/run/netns/x", ports(result, 2)}).ok());
  REQUIRE(call({"bridge", "ADD", "c2", host.add_netns("y"), kBridge}).ok());
  const std::string rules = host.run({"nft", "list", "table", "inet", "footbridge"});
  CHECK(rules.find("ip saddr @masq4 goto outward4") != std::string::npos);
  CHECK(rules.find("dnat ip to meta l4proto . th dport map @hostport4") != std::string::npos);
  CHECK(call({"portmap", "DEL", "c1", "", ports(result, 2)}).ok());
  CHECK(call({"bridge", "DEL", "c1", "", kBridge}).ok());
  CHECK(host.elements("masq4").size() == 1);
  CHECK(host.elements("hostport4").empty());
}

TEST_CASE("ADD completes a table of our name that has no sets") {
  Host host;
  host.run({"nft", "add table inet footbridge { comment \"NAT for containers, made by Footbridge; layout 1\" ; }"});
  const auto added = call({"bridge", "ADD", "c1", host.add_netns("x"), kBridge});
  REQUIRE_MESSAGE(added.ok(), added.out);
  CHECK(call({"bridge", "CHECK", "c1", "/run/netns/x", test::with_previous(kBridge, added.json())}).ok());
}

TEST_CASE("a container can publish 3,000 ports, and DEL deletes them") {
  constexpr int kCount = 3000;
  Host host;
  const Json result = call({"bridge", "ADD", "c1", host.add_netns("x"), kBridge}).json();
  const auto published = call({"portmap", "ADD", "c1", "/run/netns/x", ports(result, kCount)});
  REQUIRE_MESSAGE(published.ok(), published.out);
  CHECK(host.elements("hostport4").size() == kCount);
  REQUIRE(call({"portmap", "DEL", "c1", "", kPortmap}).ok());  // without portMappings
  CHECK(host.elements("hostport4").empty());
}

TEST_CASE("a /32 or /128 address has no local pair") {
  Host host;
  Json config = Json::parse(kBridge);
  config["isGateway"] = false;
  config["ipam"] = {{"type", "my-ipam"}};
  std::filesystem::create_directory("/var/lib/cni/plugins");
  std::ofstream("/var/lib/cni/plugins/my-ipam")
      << "#!/bin/sh\necho "
         "'{\"cniVersion\":\"1.0.0\",\"ips\":[{\"address\":\"10.8.0.9/32\"},{\"address\":\"fd08::9/128\"}]}'\n";
  std::filesystem::permissions("/var/lib/cni/plugins/my-ipam", std::filesystem::perms::owner_all);
  const auto added =
      call({"bridge", "ADD", "c1", host.add_netns("x"), config.dump(), "eth0", {}, "/var/lib/cni/plugins"});
  REQUIRE_MESSAGE(added.ok(), added.out);
  CHECK(host.elements("masq4").size() == 1);
  CHECK(host.elements("local4").empty());
  CHECK(host.elements("local6").empty());
}

TEST_CASE("an ADD that cannot write its result is reverted") {
  Host host;
  const std::string netns = host.add_netns("x");
  for (const char* stdout_now : {">/dev/full", ">&-"}) {
    CAPTURE(stdout_now);
    CHECK(call_by_shell(host, "ADD", netns, test::bin() + "/bridge " + stdout_now).exit_code == 1);
    CHECK(host.elements("masq4").empty());
    CHECK(host.ip("link show type veth").empty());
    CHECK(host.run({"ls", "/var/lib/cni/networks/n"}) == "last_reserved_ip.0\nlock\n");
  }
}

TEST_CASE("ADD works if its caller ignores SIGCHLD and blocks SIGTERM") {
  Host host;
  const std::string netns = host.add_netns("x");
  const auto added =
      call_by_shell(host, "ADD", netns, "exec env --ignore-signal=CHLD --block-signal=TERM " + test::bin() + "/bridge");
  REQUIRE_MESSAGE(added.exit_code == 0, added.out);
  CHECK(Json::parse(added.out)["ips"][0]["address"] == "10.1.0.2/24");
}

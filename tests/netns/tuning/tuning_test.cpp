// SPDX-License-Identifier: Apache-2.0
// The tuning plugin in a chain: the state of the kernel, the backups, and failed or concurrent calls.
#include <filesystem>
#include <fstream>
#include <set>
#include <string>

#include <doctest/doctest.h>

#include "tests/netns/host.h"
#include "tests/netns/talk.h"

using test::call;
using test::Host;
using test::Json;

namespace {

constexpr const char* kBridge = R"({"cniVersion":"1.1.0","name":"t","type":"bridge","bridge":"cni0","isGateway":true,
  "ipam":{"type":"host-local","ranges":[[{"subnet":"10.7.0.0/24"}],[{"subnet":"fd00:7::/64"}]]}})";

constexpr const char* kTuning =
    R"({"cniVersion":"1.1.0","name":"t","type":"tuning","mac":"0a:00:00:00:00:07","mtu":1400,
  "promisc":true,"allmulti":true,"txQLen":500,
  "sysctl":{"net.ipv4.conf.IFNAME.arp_filter":"1","net.ipv4.ip_local_port_range":"20000 60000"}})";

std::string tuned(const Json& previous) { return test::with_previous(kTuning, previous); }

// A host without backups of other tests.
class TuningHost : public Host {
 public:
  TuningHost() { std::filesystem::remove_all("/run/cni"); }
};

// The properties of the container's interface, as "1400 500 0a:00:00:00:00:07 ALLMULTI PROMISC".
std::string shown(const Host& host, const std::string& netns, const std::string& name = "eth0") {
  const Json link = host.ip("link show dev " + name, netns)[0];
  std::string text = std::to_string(link["mtu"].get<int>()) + " " + std::to_string(link.value("txqlen", 0)) + " " +
                     link["address"].get<std::string>();
  const std::set<std::string> flags = link["flags"];
  for (const char* flag : {"ALLMULTI", "PROMISC"}) {
    if (flags.contains(flag)) text += std::string(" ") + flag;
  }
  return text;
}

std::set<std::string> backups() {
  std::set<std::string> names;
  if (!std::filesystem::exists("/run/cni/tuning")) return names;
  for (const auto& entry : std::filesystem::directory_iterator("/run/cni/tuning"))
    names.insert(entry.path().filename());
  return names;
}

std::string sysctl(const Host& host, const std::string& key, const std::string& netns) {
  return host.run({"cat", "/proc/sys/" + key}, netns);
}

// Attaches a container to the bridge, without tuning. Returns the result.
Json attached(Host& host, const std::string& name) {
  const auto added = call({"bridge", "ADD", name, host.add_netns(name), kBridge});
  REQUIRE_MESSAGE(added.ok(), added.out);
  return added.json();
}

std::string netns_of(const std::string& name) { return "/run/netns/" + name; }

}  // namespace

TEST_CASE("ADD sets all properties and returns them, and the container has connectivity") {
  TuningHost host;
  const Json bridged = attached(host, "x");
  const auto added = call({"tuning", "ADD", "x", netns_of("x"), tuned(bridged)});
  REQUIRE_MESSAGE(added.ok(), added.out);
  CHECK(shown(host, "x") == "1400 500 0a:00:00:00:00:07 ALLMULTI PROMISC");
  CHECK(sysctl(host, "net/ipv4/conf/eth0/arp_filter", "x") == "1\n");
  CHECK(sysctl(host, "net/ipv4/ip_local_port_range", "x") == "20000\t60000\n");
  CHECK(backups() == std::set<std::string>{"x_eth0.json"});
  Json expected = bridged;
  expected["interfaces"][2]["mac"] = "0a:00:00:00:00:07";
  expected["interfaces"][2]["mtu"] = 1400;
  CHECK(added.json() == expected);
  attached(host, "y");
  const test::Server server("x", test::Transport::tcp, 80);
  CHECK(test::talk("y", "10.7.0.2", 80, server) == "10.7.0.3");
  CHECK(test::talk("y", "fd00:7::2", 80, server) == "fd00:7::3");
}

TEST_CASE("CHECK of bridge and tuning succeeds after ADD, and DEL reverts everything") {
  TuningHost host;
  const Json bridged = attached(host, "x");
  const Json result = call({"tuning", "ADD", "x", netns_of("x"), tuned(bridged)}).json();
  const auto bridge_check = call({"bridge", "CHECK", "x", netns_of("x"), test::with_previous(kBridge, result)});
  CHECK_MESSAGE(bridge_check.ok(), bridge_check.out);
  const auto own_check = call({"tuning", "CHECK", "x", netns_of("x"), tuned(result)});
  CHECK_MESSAGE(own_check.ok(), own_check.out);
  REQUIRE(call({"tuning", "DEL", "x", netns_of("x"), tuned(result)}).ok());
  CHECK(shown(host, "x") == "1500 0 " + bridged["interfaces"][2]["mac"].get<std::string>());
  CHECK(backups().empty());
  REQUIRE(call({"bridge", "DEL", "x", netns_of("x"), kBridge}).ok());
}

TEST_CASE("a sysctl without an initial value is set, and CHECK succeeds") {
  TuningHost host;
  Json config = Json::parse(tuned(attached(host, "x")));
  config["sysctl"] = {{"net.ipv6.conf.IFNAME.stable_secret", "2001:db8::1"}};
  const auto added = call({"tuning", "ADD", "x", netns_of("x"), config.dump()});
  REQUIRE_MESSAGE(added.ok(), added.out);
  CHECK(sysctl(host, "net/ipv6/conf/eth0/stable_secret", "x") == "2001:0db8:0000:0000:0000:0000:0000:0001\n");
  config["prevResult"] = added.json();
  const auto checked = call({"tuning", "CHECK", "x", netns_of("x"), config.dump()});
  CHECK_MESSAGE(checked.ok(), checked.out);
}

TEST_CASE("an ADD that cannot write its result is reverted") {
  TuningHost host;
  const Json bridged = attached(host, "x");
  std::ofstream("/run/config") << tuned(bridged);
  host.try_run({}, {"sh", "-c",
                    "CNI_COMMAND=ADD CNI_CONTAINERID=x CNI_NETNS=/run/netns/x CNI_IFNAME=eth0 CNI_PATH=" + test::bin() +
                        " " + test::bin() + "/tuning </run/config >/dev/full"});
  CHECK(shown(host, "x") == "1500 0 " + bridged["interfaces"][2]["mac"].get<std::string>());
  CHECK(backups().empty());
}

// The kernel rejects the MTU after the MAC address was set. From message `from` on, all messages fail with ENOMEM, so
// the ADD cannot revert the MAC address.
TEST_CASE("DEL reverts an ADD that ran out of memory") {
  TuningHost host;
  const Json bridged = attached(host, "x");
  Json config = Json::parse(tuned(bridged));
  config["mtu"] = 100000;
  std::ofstream("/run/config") << config.dump();
  bool was_left = false;
  for (int from = 1; from <= 8; ++from) {
    host.try_run(
        {}, {"sh", "-c",
             "CNI_COMMAND=ADD CNI_CONTAINERID=x CNI_NETNS=/run/netns/x CNI_IFNAME=eth0 CNI_PATH=" + test::bin() +
                 " strace -qqq -o /dev/null -e inject=sendto,sendmsg:error=ENOMEM:when=" + std::to_string(from) + "+ " +
                 test::bin() + "/tuning </run/config"});
    was_left = was_left || shown(host, "x").find("0a:00:00:00:00:07") != std::string::npos;
    const auto removed = call({"tuning", "DEL", "x", netns_of("x"), kTuning});
    CHECK_MESSAGE(removed.ok(), removed.out);
    CHECK(shown(host, "x") == "1500 0 " + bridged["interfaces"][2]["mac"].get<std::string>());
    CHECK(backups().empty());
  }
  CHECK(was_left);
}

namespace {

struct FailedDel {
  Json bridged;  // bridge's result: the old properties
  os::ProcessOutput exited;
};

// Tunes an attachment, and calls DEL without the capability.
FailedDel del_without(TuningHost& host, const std::string& capability) {
  const Json bridged = attached(host, "x");
  std::ofstream("/run/config") << tuned(call({"tuning", "ADD", "x", netns_of("x"), tuned(bridged)}).json());
  return {bridged,
          host.try_run({}, {"sh", "-c",
                            "CNI_COMMAND=DEL CNI_CONTAINERID=x CNI_NETNS=/run/netns/x CNI_IFNAME=eth0 CNI_PATH=" +
                                test::bin() + " setpriv --bounding-set -" + capability + " --inh-caps -" + capability +
                                " " + test::bin() + "/tuning </run/config"})};
}

// The next DEL succeeds.
void check_del_again(TuningHost& host, const FailedDel& failed) {
  CHECK(backups().size() == 1);
  REQUIRE(call({"tuning", "DEL", "x", netns_of("x"), kTuning}).ok());
  CHECK(shown(host, "x") == "1500 0 " + failed.bridged["interfaces"][2]["mac"].get<std::string>());
  CHECK(backups().empty());
}

}  // namespace

TEST_CASE("a DEL without CAP_NET_ADMIN fails and keeps the backup for the next one") {
  TuningHost host;
  const FailedDel failed = del_without(host, "net_admin");
  CHECK(failed.exited.exit_code == 1);
  CHECK(failed.exited.out.find("Operation not permitted") != std::string::npos);
  CHECK(shown(host, "x") == "1400 500 0a:00:00:00:00:07 ALLMULTI PROMISC");
  check_del_again(host, failed);
}

TEST_CASE("a DEL without CAP_SYS_ADMIN cannot enter the namespace, and keeps the backup") {
  TuningHost host;
  const FailedDel failed = del_without(host, "sys_admin");
  CHECK(failed.exited.exit_code == 1);
  CHECK(failed.exited.out.find("enter network namespace /run/netns/x: needs root (CAP_SYS_ADMIN)") !=
        std::string::npos);
  check_del_again(host, failed);
}

TEST_CASE("a path that is no longer a network namespace counts as a missing namespace") {
  TuningHost host;
  REQUIRE(call({"tuning", "ADD", "x", netns_of("x"), tuned(attached(host, "x"))}).ok());
  host.remove_netns("x");
  std::ofstream("/run/netns/x") << "";
  const auto removed = call({"tuning", "DEL", "x", netns_of("x"), kTuning});
  CHECK_MESSAGE(removed.ok(), removed.out);
  CHECK(backups().empty());
  REQUIRE(call({"tuning", "ADD", "y", netns_of("y"), tuned(attached(host, "y"))}).ok());
  CHECK(call({"tuning", "DEL", "y", "/proc/self/ns/mnt", kTuning}).ok());
  CHECK(backups().empty());
}

TEST_CASE("DEL of two tuning plugins in one chain restores the state before the first ADD") {
  TuningHost host;
  const Json bridged = attached(host, "x");
  constexpr const char* kSecond = R"({"cniVersion":"1.1.0","name":"t","type":"tuning","mtu":1300})";
  const Json first = call({"tuning", "ADD", "x", netns_of("x"), tuned(bridged)}).json();
  REQUIRE(call({"tuning", "ADD", "x", netns_of("x"), test::with_previous(kSecond, first)}).ok());
  CHECK(shown(host, "x") == "1300 500 0a:00:00:00:00:07 ALLMULTI PROMISC");
  REQUIRE(call({"tuning", "DEL", "x", netns_of("x"), kSecond}).ok());
  REQUIRE(call({"tuning", "DEL", "x", netns_of("x"), kTuning}).ok());
  CHECK(shown(host, "x") == "1500 0 " + bridged["interfaces"][2]["mac"].get<std::string>());
}

TEST_CASE("DEL restores the properties of an interface that the container has renamed") {
  TuningHost host;
  const Json bridged = attached(host, "x");
  const Json result = call({"tuning", "ADD", "x", netns_of("x"), tuned(bridged)}).json();
  host.run({"ip", "link", "set", "eth0", "down"}, "x");
  host.run({"ip", "link", "set", "eth0", "name", "mine"}, "x");
  host.run({"ip", "link", "add", "eth0", "mtu", "1234", "type", "bridge"}, "x");
  const auto removed = call({"tuning", "DEL", "x", netns_of("x"), tuned(result)});
  CHECK_MESSAGE(removed.ok(), removed.out);
  CHECK(shown(host, "x", "mine") == "1500 0 " + bridged["interfaces"][2]["mac"].get<std::string>());
  CHECK(host.ip("link show dev eth0", "x")[0]["mtu"] == 1234);
  CHECK(backups().empty());
}

TEST_CASE("two attachments with the same backup file name do not overwrite each other's backup") {
  TuningHost host;
  host.add_netns("x");
  constexpr const char* kConfig = R"({"cniVersion":"1.1.0","name":"t","type":"tuning","mtu":1400})";
  const std::string config = test::with_previous(kConfig, Json::parse(R"({"cniVersion":"1.1.0"})"));
  for (const char* name : {"c", "b_c"}) host.run({"ip", "link", "add", name, "type", "bridge"}, "x");
  REQUIRE(call({"tuning", "ADD", "a_b", netns_of("x"), config, "c"}).ok());
  const auto failed = call({"tuning", "ADD", "a", netns_of("x"), config, "b_c"});
  CHECK(failed.json()["msg"] == "/run/cni/tuning/a_b_c.json is the backup of interface c of container a_b");
  CHECK(host.ip("link show dev b_c", "x")[0]["mtu"] == 1500);
  CHECK(call({"tuning", "DEL", "a", netns_of("x"), config, "b_c"}).ok());
  CHECK(backups() == std::set<std::string>{"a_b_c.json"});
  CHECK(call({"tuning", "DEL", "a_b", netns_of("x"), config, "c"}).ok());
  CHECK(host.ip("link show dev c", "x")[0]["mtu"] == 1500);
  CHECK(backups().empty());
}

TEST_CASE("forwarding is off for one interface and on for all others, with either key for all") {
  TuningHost host;
  for (const char* all : {"net.ipv4.ip_forward", "net.ipv4.conf.all.forwarding"}) {
    Json config = {{"cniVersion", "1.1.0"}, {"name", "t"}, {"type", "tuning"}};
    config["sysctl"] = {{all, "1"}, {"net.ipv4.conf.IFNAME.forwarding", "0"}};
    const std::string name = std::string("x") + (std::string(all).find("all") == std::string::npos ? "1" : "2");
    REQUIRE(
        call({"tuning", "ADD", name, netns_of(name), test::with_previous(config.dump(), attached(host, name))}).ok());
    CHECK(sysctl(host, "net/ipv4/ip_forward", name) == "1\n");
    CHECK(sysctl(host, "net/ipv4/conf/eth0/forwarding", name) == "0\n");
  }
}

TEST_CASE("sysctls that limit each other are set and reverted in an order that the kernel accepts") {
  TuningHost host;
  const auto add = [&](const std::string& name, const Json& sysctls) {
    Json config = {{"cniVersion", "1.1.0"}, {"name", "t"}, {"type", "tuning"}, {"sysctl", sysctls}};
    return call({"tuning", "ADD", name, netns_of(name), test::with_previous(config.dump(), attached(host, name))});
  };
  const auto low =
      add("low", {{"net.ipv4.ip_local_port_range", "900 60000"}, {"net.ipv4.ip_unprivileged_port_start", "0"}});
  CHECK_MESSAGE(low.ok(), low.out);
  CHECK(sysctl(host, "net/ipv4/ip_local_port_range", "low") == "900\t60000\n");
  const Json high = {{"net.ipv4.ip_local_port_range", "40000 60000"}, {"net.ipv4.ip_unprivileged_port_start", "35000"}};
  CHECK(add("high", high).ok());
  Json invalid = high;
  invalid["net.ipv6.no_such_key"] = "1";
  CHECK(!add("back", invalid).ok());
  CHECK(sysctl(host, "net/ipv4/ip_local_port_range", "back") == "32768\t60999\n");
  CHECK(sysctl(host, "net/ipv4/ip_unprivileged_port_start", "back") == "1024\n");
}

TEST_CASE("concurrent ADDs make one backup each, and GC deletes those of dead containers") {
  TuningHost host;
  std::vector<test::Call> adds;
  for (int i = 0; i < 20; ++i) {
    const std::string name = "c" + std::to_string(i);
    Json config = Json::parse(tuned(attached(host, name)));
    config.erase("mac");
    adds.push_back({"tuning", "ADD", name, netns_of(name), config.dump()});
  }
  for (const auto& outcome : test::call_together(adds)) CHECK_MESSAGE(outcome.ok(), outcome.out);
  CHECK(backups().size() == 20);
  for (int i = 1; i < 20; ++i) host.remove_netns("c" + std::to_string(i));
  Json gc = Json::parse(kTuning);
  gc["cni.dev/valid-attachments"] = Json::parse(R"([{"containerID": "c0", "ifname": "eth0"}])");
  const auto collected = call({"tuning", "GC", "", "", gc.dump(), ""});
  CHECK_MESSAGE(collected.ok(), collected.out);
  CHECK(backups() == std::set<std::string>{"c0_eth0.json"});
}

// SPDX-License-Identifier: Apache-2.0
// The tuning plugin in a chain and in a real kernel: what `ip` shows, what is kept, and what comes of calls that fail, run side by
// side or are killed.
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

// A host that keeps nothing of another test's.
class TuningHost : public Host {
 public:
  TuningHost() { std::filesystem::remove_all("/run/cni"); }
};

// "1400 500 0a:00:00:00:00:07 ALLMULTI PROMISC" of the container's interface.
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

// A container on the bridge, untuned; the result of its ADD.
Json attached(Host& host, const std::string& name) {
  const auto added = call({"bridge", "ADD", name, host.add_netns(name), kBridge});
  REQUIRE_MESSAGE(added.ok(), added.out);
  return added.json();
}

std::string netns_of(const std::string& name) { return "/run/netns/" + name; }

}  // namespace

TEST_CASE("a tuned container has what was asked for, talks, and is told of as it is") {
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

TEST_CASE("the plugins before it agree with what it has changed, and a chain of all is taken down whole") {
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

TEST_CASE("a sysctl without a value until it is set is set, and CHECK knows it again") {
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

TEST_CASE("an ADD whose answer nobody takes brings the interface back") {
  TuningHost host;
  const Json bridged = attached(host, "x");
  std::ofstream("/run/config") << tuned(bridged);
  host.try_run({}, {"sh", "-c",
                    "CNI_COMMAND=ADD CNI_CONTAINERID=x CNI_NETNS=/run/netns/x CNI_IFNAME=eth0 CNI_PATH=" + test::bin() +
                        " " + test::bin() + "/tuning </run/config >/dev/full"});
  CHECK(shown(host, "x") == "1500 0 " + bridged["interfaces"][2]["mac"].get<std::string>());
  CHECK(backups().empty());
}

// The MTU is refused when the MAC address is set already, and from some message on the kernel has no memory, also for what
// shall undo that.
TEST_CASE("DEL brings back what an ADD without memory could not") {
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

struct Refused {
  Json bridged;  // what the interface was like
  os::ProcessOutput exited;
};

// An attachment that is tuned, and a DEL of it by a caller without that capability.
Refused del_without(TuningHost& host, const std::string& capability) {
  const Json bridged = attached(host, "x");
  std::ofstream("/run/config") << tuned(call({"tuning", "ADD", "x", netns_of("x"), tuned(bridged)}).json());
  return {bridged,
          host.try_run({}, {"sh", "-c",
                            "CNI_COMMAND=DEL CNI_CONTAINERID=x CNI_NETNS=/run/netns/x CNI_IFNAME=eth0 CNI_PATH=" +
                                test::bin() + " setpriv --bounding-set -" + capability + " --inh-caps -" + capability +
                                " " + test::bin() + "/tuning </run/config"})};
}

// What was refused is done by the next DEL.
void check_del_again(TuningHost& host, const Refused& refused) {
  CHECK(backups().size() == 1);
  REQUIRE(call({"tuning", "DEL", "x", netns_of("x"), kTuning}).ok());
  CHECK(shown(host, "x") == "1500 0 " + refused.bridged["interfaces"][2]["mac"].get<std::string>());
  CHECK(backups().empty());
}

}  // namespace

TEST_CASE("a DEL that lacks a right says so and keeps the backup for one that has it") {
  TuningHost host;
  const Refused refused = del_without(host, "net_admin");
  CHECK(refused.exited.exit_code == 1);
  CHECK(refused.exited.out.find("Operation not permitted") != std::string::npos);
  CHECK(shown(host, "x") == "1400 500 0a:00:00:00:00:07 ALLMULTI PROMISC");
  check_del_again(host, refused);
}

TEST_CASE("a DEL that may not enter the namespace does not take it for gone") {
  TuningHost host;
  const Refused refused = del_without(host, "sys_admin");
  CHECK(refused.exited.exit_code == 1);
  CHECK(refused.exited.out.find("enter network namespace /run/netns/x: needs root (CAP_SYS_ADMIN)") != std::string::npos);
  check_del_again(host, refused);
}

TEST_CASE("a path that names something else since is a namespace that is gone") {
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

TEST_CASE("two tunings in one chain leave, once both are taken down, what was before the first") {
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

TEST_CASE("a container that has given its interface another name gets it back as it was") {
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

TEST_CASE("two attachments whose names make one file's name do not take each other's backup") {
  TuningHost host;
  host.add_netns("x");
  constexpr const char* kConfig = R"({"cniVersion":"1.1.0","name":"t","type":"tuning","mtu":1400})";
  const std::string config = test::with_previous(kConfig, Json::parse(R"({"cniVersion":"1.1.0"})"));
  for (const char* name : {"c", "b_c"}) host.run({"ip", "link", "add", name, "type", "bridge"}, "x");
  REQUIRE(call({"tuning", "ADD", "a_b", netns_of("x"), config, "c"}).ok());
  const auto refused = call({"tuning", "ADD", "a", netns_of("x"), config, "b_c"});
  CHECK(refused.json()["msg"] == "/run/cni/tuning/a_b_c.json is the backup of interface c of container a_b");
  CHECK(host.ip("link show dev b_c", "x")[0]["mtu"] == 1500);
  CHECK(call({"tuning", "DEL", "a", netns_of("x"), config, "b_c"}).ok());
  CHECK(backups() == std::set<std::string>{"a_b_c.json"});
  CHECK(call({"tuning", "DEL", "a_b", netns_of("x"), config, "c"}).ok());
  CHECK(host.ip("link show dev c", "x")[0]["mtu"] == 1500);
  CHECK(backups().empty());
}

TEST_CASE("one interface does not forward though all others do, whichever key says so for all") {
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

TEST_CASE("sysctls that limit each other are set in the order that the kernel takes, and set back so") {
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
  Json refused = high;
  refused["net.ipv6.no_such_key"] = "1";
  CHECK(!add("back", refused).ok());
  CHECK(sysctl(host, "net/ipv4/ip_local_port_range", "back") == "32768\t60999\n");
  CHECK(sysctl(host, "net/ipv4/ip_unprivileged_port_start", "back") == "1024\n");
}

TEST_CASE("containers that are tuned at once have each its own backup, and GC takes those of the dead") {
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

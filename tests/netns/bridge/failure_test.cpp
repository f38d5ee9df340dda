// SPDX-License-Identifier: Apache-2.0
// A failed ADD changes neither the kernel nor the store, whichever step failed.
#include <filesystem>
#include <fstream>

#include <doctest/doctest.h>

#include "tests/netns/bridge/config.h"
#include "tests/netns/host.h"

using test::call;
using test::Host;
using test::Json;
using test::kBridge;
using test::kDual;

namespace {

// A folder for CNI_PATH with an IPAM plugin written as a shell script.
class Plugins {
 public:
  explicit Plugins(const std::string& script) : folder_("/var/lib/cni/plugins") {
    std::filesystem::create_directories(folder_);
    const std::string file = folder_ + "/my-ipam";
    std::ofstream(file) << "#!/bin/sh\n" << script;
    std::filesystem::permissions(file, std::filesystem::perms::owner_all);
  }
  [[nodiscard]] const std::string& path() const { return folder_; }

 private:
  std::string folder_;
};

std::string with_ipam(const std::string& type) {
  Json config = Json::parse(kBridge);
  config["ipam"]["type"] = type;
  return config.dump();
}

// Checks that the call fails and changes nothing on the host and in the namespaces `containers`. Returns the error.
Json check_fails_and_leaves_nothing(const Host& host, const test::Call& call,
                                    const std::vector<std::string>& containers) {
  const std::string before = host.snapshot(containers);
  const auto failed = test::call(call);
  CHECK(failed.exit_code == 1);
  CHECK(test::difference(before, host.snapshot(containers)) == "");
  return failed.json();
}

}  // namespace

// Each failure is tested on an empty host, and with another container attached.
TEST_CASE("a failed ADD changes nothing") {
  for (const bool is_first : {true, false}) {
    CAPTURE(is_first);
    Host host;
    const std::string netns = host.add_netns("x");
    host.run({"sysctl", "-q", "net.ipv4.ip_forward=1"});
    if (!is_first) REQUIRE(call({"bridge", "ADD", "c0", host.add_netns("w"), kBridge}).ok());

    SUBCASE("because the IPAM plugin does not exist") {
      const Json error =
          check_fails_and_leaves_nothing(host, {"bridge", "ADD", "c1", netns, with_ipam("nowhere")}, {"x"});
      CHECK(error["msg"].get<std::string>().starts_with("failed to find plugin \"nowhere\" in path ["));
    }
    SUBCASE("because the IPAM plugin fails") {
      const Plugins plugins(
          "[ $CNI_COMMAND = DEL ] && exit 0\n"
          "echo '{\"code\":11,\"msg\":\"pool is busy\",\"details\":\"later\"}'; exit 1\n");
      const Json error = check_fails_and_leaves_nothing(
          host, {"bridge", "ADD", "c1", netns, with_ipam("my-ipam"), "eth0", {}, plugins.path()}, {"x"});
      CHECK(error["code"] == 11);
      CHECK(error["msg"] == "pool is busy");
      CHECK(error["details"] == "later");
    }
    SUBCASE("because the range is exhausted") {
      Json config = Json::parse(kBridge);
      config["ipam"]["rangeStart"] = "10.1.0.1";
      config["ipam"]["rangeEnd"] = "10.1.0.1";  // the gateway's
      const Json error = check_fails_and_leaves_nothing(host, {"bridge", "ADD", "c1", netns, config.dump()}, {"x"});
      CHECK(error["msg"].get<std::string>().find("no IP addresses available in range set") != std::string::npos);
    }
    SUBCASE("because the container already has an interface of that name") {
      host.run({"ip", "link", "add", "eth0", "type", "bridge"}, "x");
      const Json error = check_fails_and_leaves_nothing(host, {"bridge", "ADD", "c1", netns, kBridge}, {"x"});
      CHECK(error["msg"].get<std::string>().starts_with("container veth name (\"eth0\") peer provided (\"veth"));
    }
    SUBCASE("because a route's gateway is unreachable") {
      Json config = Json::parse(kBridge);
      config["ipam"]["routes"] = Json::parse(R"([{"dst":"0.0.0.0/0"},{"dst":"192.0.2.0/24","gw":"203.0.113.1"}])");
      const Json error = check_fails_and_leaves_nothing(host, {"bridge", "ADD", "c1", netns, config.dump()}, {"x"});
      CHECK(error["msg"].get<std::string>().find("192.0.2.0/24 via 203.0.113.1 dev eth0") != std::string::npos);
    }
    SUBCASE("because the link with the bridge's name is not a bridge") {
      host.run({"ip", "link", "add", "taken", "type", "veth", "peer", "name", "taken-peer"});
      Json config = Json::parse(kBridge);
      config["bridge"] = "taken";
      const Json error = check_fails_and_leaves_nothing(host, {"bridge", "ADD", "c1", netns, config.dump()}, {"x"});
      CHECK(error["msg"] == "\"taken\" already exists but is not a bridge");
    }
    SUBCASE("because the namespace does not exist") {
      const Json error =
          check_fails_and_leaves_nothing(host, {"bridge", "ADD", "c1", "/run/netns/none", kBridge}, {"x"});
      CHECK(error["msg"].get<std::string>().starts_with("failed to open netns \"/run/netns/none\""));
    }
    SUBCASE("because the namespace is the host's") {
      const Json error =
          check_fails_and_leaves_nothing(host, {"bridge", "ADD", "c1", "/proc/self/ns/net", kBridge}, {"x"});
      CHECK(error["code"] == 8);
    }
  }
}

TEST_CASE("a failed ADD does not change an operator's bridge: state, flags, MAC address and addresses") {
  Host host;
  host.run({"ip", "link", "add", "cni0", "type", "bridge"});
  Json config = Json::parse(kBridge);
  std::string mine = "c1";
  SUBCASE("that is down") {}
  SUBCASE("that is down and has an IPv6 address") {
    host.run({"ip", "address", "add", "fd07::1/64", "dev", "cni0", "nodad"});
  }
  SUBCASE("that is not promiscuous") {
    config["hairpinMode"] = false;
    config["promiscMode"] = true;
  }
  SUBCASE("that has another network's address, which forceAddress would replace") {
    host.run({"ip", "link", "set", "cni0", "up"});
    host.run({"ip", "address", "add", "10.7.0.1/24", "brd", "+", "dev", "cni0"});
    config["forceAddress"] = true;
  }
  SUBCASE("that has an operator's port") {
    host.run({"ip", "link", "set", "cni0", "up"});
    host.run({"ip", "link", "add", "uplink", "type", "veth", "peer", "name", "uplink2"});
    host.run({"ip", "link", "set", "uplink", "master", "cni0"});
  }
  const std::string netns = host.add_netns("x");
  // The last step fails: a set of our table has another type.
  host.run({"nft", "add table inet footbridge; add set inet footbridge exclude6 { type ether_addr; }"});
  const Json error = check_fails_and_leaves_nothing(host, {"bridge", "ADD", mine, netns, config.dump()}, {"x"});
  CHECK(error["msg"].get<std::string>().find("a set of another type has that name") != std::string::npos);
}

TEST_CASE("ADD succeeds after a killed ADD") {
  Host host;
  const std::string netns = host.add_netns("x");
  const Json first = call({"bridge", "ADD", "c1", netns, kDual}).json();
  const std::string host_end = first["interfaces"][1]["name"];
  SUBCASE("killed before it set the final alias") {
    host.run({"ip", "link", "set", host_end, "alias", "d/c1/eth0 (unfinished)"});
    host.run({"ip", "address", "flush", "dev", "eth0"}, "x");
  }
  SUBCASE("killed before it set any alias") { host.run({"ip", "link", "set", host_end, "alias", ""}); }
  const auto again = call({"bridge", "ADD", "c1", netns, kDual});
  REQUIRE_MESSAGE(again.ok(), again.out);
  CHECK(again.json()["interfaces"][1]["name"] == host_end);
  CHECK(host.run({"ls", "/var/lib/cni/networks/d"}).find("10.2.0.2\n") == std::string::npos);  // the first ADD's lease
  CHECK(host.elements("masq4").size() == 1);
  CHECK(call({"bridge", "CHECK", "c1", netns, test::with_previous(kDual, again.json())}).ok());
}

TEST_CASE("a second ADD of a living attachment is rejected and changes nothing, with and without IPAM") {
  Host host;
  const std::string netns = host.add_netns("x");
  const std::string layer2 = R"({"cniVersion":"1.0.0","name":"l2","type":"bridge","bridge":"br-l2"})";
  for (const std::string& config : {kBridge, layer2}) {
    const Json result = call({"bridge", "ADD", "c1", netns, config}).json();
    const Json error = check_fails_and_leaves_nothing(host, {"bridge", "ADD", "c1", netns, config}, {"x"});
    CHECK(error["msg"].get<std::string>().find("already exists") != std::string::npos);
    CHECK(call({"bridge", "CHECK", "c1", netns, test::with_previous(config, result)}).ok());
    REQUIRE(call({"bridge", "DEL", "c1", netns, config}).ok());
  }
}

// SPDX-License-Identifier: Apache-2.0
// DEL deletes everything of its attachment, and nothing of others.
#include <algorithm>
#include <filesystem>
#include <string>
#include <system_error>
#include <vector>

#include <doctest/doctest.h>

#include "tests/netns/bridge/config.h"
#include "tests/netns/host.h"

using test::call;
using test::Host;
using test::Json;
using test::kBridge;
using test::kPortmap;

namespace {

std::string ports(const Json& previous, const std::string& mappings) {
  Json json = Json::parse(test::with_previous(kPortmap, previous));
  json["runtimeConfig"]["portMappings"] = Json::parse(mappings);
  return json.dump();
}

std::string target_of(const std::filesystem::path& link) {
  std::error_code gone;
  return std::filesystem::read_symlink(link, gone).string();
}

// The open descriptors of all processes on this host that run our executable.
std::vector<std::string> descriptors_of_ours() {
  const std::string executable = std::filesystem::canonical(test::bin() + "/footbridge");
  std::vector<std::string> descriptors;
  for (const auto& task : std::filesystem::directory_iterator("/proc")) {
    const bool is_ours = target_of(task.path() / "exe").starts_with(executable) &&
                         target_of(task.path() / "ns/net") == target_of("/proc/thread-self/ns/net");
    if (!is_ours) continue;
    std::error_code gone;
    for (const auto& fd : std::filesystem::directory_iterator(task.path() / "fd", gone)) {
      const std::string target = target_of(fd.path());
      if (!target.empty()) descriptors.push_back(target);
    }
  }
  return descriptors;
}

bool are_sockets(const std::vector<std::string>& descriptors) {
  return !descriptors.empty() && std::all_of(descriptors.begin(), descriptors.end(), [](const std::string& descriptor) {
    return descriptor.starts_with("socket:");
  });
}

}  // namespace

TEST_CASE("DEL of one container does not change another one") {
  Host host;
  const Json one = call({"bridge", "ADD", "c1", host.add_netns("x"), kBridge}).json();
  const Json two = call({"bridge", "ADD", "c2", host.add_netns("y"), kBridge}).json();
  REQUIRE(call({"portmap", "ADD", "c1", "/run/netns/x", ports(one, R"([{"hostPort":81,"containerPort":80}])")}).ok());
  REQUIRE(call({"portmap", "ADD", "c2", "/run/netns/y", ports(two, R"([{"hostPort":82,"containerPort":80}])")}).ok());
  // By mistake, the runtime names c2's port in c1's DEL.
  REQUIRE(call({"portmap", "DEL", "c1", "/run/netns/x", ports(one, R"([{"hostPort":82,"containerPort":80}])")}).ok());
  REQUIRE(call({"bridge", "DEL", "c1", "/run/netns/x", kBridge}).ok());
  CHECK(host.elements("hostport4").size() == 1);
  CHECK(host.elements("hostport4").dump().find("n/c2/eth0") != std::string::npos);
  CHECK(host.elements("masq4").size() == 1);
  CHECK(host.ip("link show dev eth0", "y").size() == 1);
  CHECK(call({"bridge", "CHECK", "c2", "/run/netns/y", test::with_previous(kBridge, two)}).ok());
}

TEST_CASE("a late DEL does not delete elements of an address that the next container has") {
  Host host;
  Json config = Json::parse(kBridge);
  config["ipam"]["rangeStart"] = "10.1.0.5";
  config["ipam"]["rangeEnd"] = "10.1.0.5";
  const std::string text = config.dump();
  REQUIRE(call({"bridge", "ADD", "c1", host.add_netns("x"), text}).ok());
  host.remove_netns("x");
  host.run({"rm", "/var/lib/cni/networks/n/10.1.0.5"});  // as an operator who cleans the store
  const auto added = call({"bridge", "ADD", "c2", host.add_netns("y"), text});
  REQUIRE_MESSAGE(added.ok(), added.out);
  REQUIRE(call({"bridge", "DEL", "c1", "", text}).ok());
  CHECK(host.elements("masq4").dump().find("n/c2/eth0") != std::string::npos);
  CHECK(call({"bridge", "CHECK", "c2", "/run/netns/y", test::with_previous(text, added.json())}).ok());
}

TEST_CASE("DEL keeps an interface of another network") {
  Host host;
  const std::string netns = host.add_netns("x");
  REQUIRE(call({"bridge", "ADD", "c1", netns, kBridge}).ok());
  Json other = Json::parse(kBridge);
  other["name"] = "other";
  other["bridge"] = "br-other";
  other["ipam"]["subnet"] = "10.9.0.0/24";
  CHECK_FALSE(call({"bridge", "ADD", "c1", netns, other.dump()}).ok());  // eth0 is taken
  CHECK(call({"bridge", "DEL", "c1", netns, other.dump()}).ok());
  CHECK(host.ip("link show dev eth0", "x").size() == 1);
}

TEST_CASE("CHECK reports each difference") {
  Host host;
  const std::string netns = host.add_netns("x");
  const Json result = call({"bridge", "ADD", "c1", netns, kBridge}).json();
  const std::string config = test::with_previous(kBridge, result);
  REQUIRE(call({"bridge", "CHECK", "c1", netns, config}).ok());
  const auto differs = [&](const std::string& expected) {
    const auto checked = call({"bridge", "CHECK", "c1", netns, config});
    CHECK_FALSE(checked.ok());
    CHECK(checked.json()["code"] == 100);
    CHECK_MESSAGE(checked.json()["msg"].get<std::string>().find(expected) != std::string::npos, checked.out);
  };
  host.run({"ip", "route", "delete", "default"}, "x");
  differs("Expected Route 0.0.0.0/0 not found");
  host.run({"ip", "address", "delete", "10.1.0.2/24", "dev", "eth0"}, "x");
  differs("Failed to match addr 10.1.0.2/24 on interface eth0");
  host.run({"nft", "flush", "set", "inet", "footbridge", "masq4"});
  differs("missing: nft add element inet footbridge masq4 { 10.1.0.2 comment \"n/c1/eth0\" }");
  host.run({"ip", "link", "set", result["interfaces"][1]["name"], "nomaster"});
  differs("expected port of cni0, found no bridge");
  host.run({"ip", "link", "delete", "eth0"}, "x");
  differs("container interface eth0: not found");
}

TEST_CASE("processes that outlive DEL have none of its caller's descriptors") {
  Host host;
  const std::string netns = host.add_netns("x");
  const std::string one_port = R"([{"hostPort":8080,"containerPort":80,"protocol":"tcp"}])";
  for (const std::string plugin : {"portmap", "bridge"}) {
    std::vector<std::string> kept;
    // A process may end before the test attempts, or may not have started.
    for (int tries = 0; !are_sockets(kept) && tries < 20; ++tries) {
      const Json result = call({"bridge", "ADD", "c1", netns, kBridge}).json();
      REQUIRE(call({"portmap", "ADD", "c1", netns, ports(result, one_port)}).ok());
      REQUIRE(call({plugin, "DEL", "c1", netns, plugin == "bridge" ? kBridge : ports(result, one_port)}).ok());
      for (int attempts = 0; !are_sockets(kept) && attempts < 5; ++attempts) kept = descriptors_of_ours();
      call({"portmap", "DEL", "c1", netns, ports(result, one_port)});
      call({"bridge", "DEL", "c1", netns, kBridge});
    }
    CAPTURE(plugin);
    CHECK(are_sockets(kept));
  }
}

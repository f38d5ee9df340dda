// SPDX-License-Identifier: Apache-2.0
// Changing over: the reference attaches and our plugins detach, and the reverse. `./run test` fetches the reference
// plugins from Debian.
#include <cstdlib>
#include <filesystem>

#include <doctest/doctest.h>

#include "tests/netns/host.h"

using test::call;
using test::Host;
using test::Json;

namespace {

const std::string kFolder = [] {
  const char* source = std::getenv("FOOTBRIDGE_SOURCE");
  return std::string(source == nullptr ? "." : source) + "/build/reference/usr/lib/cni";
}();

bool is_missing() {
  if (std::filesystem::exists(kFolder + "/bridge")) return false;
  MESSAGE("SKIP: the reference plugins are not in build/reference");
  return true;
}

Json network(const std::string& type, const std::string& backend) {
  Json config = Json::parse(R"({"cniVersion": "1.0.0", "name": "n", "ipMasq": true,
    "ipam": {"type": "host-local", "ranges": [[{"subnet": "10.1.0.0/24"}], [{"subnet": "fd00:1::/64"}]],
             "routes": [{"dst": "0.0.0.0/0"}, {"dst": "::/0"}]}})");
  config["type"] = type;
  config["ipMasqBackend"] = backend;
  if (type == "bridge") config["bridge"] = "cni0";
  if (type == "bridge") config["isGateway"] = true;
  return config;
}

Json ports(const std::string& backend) {
  Json config = Json::parse(R"({"cniVersion": "1.0.0", "name": "n", "type": "portmap",
    "runtimeConfig": {"portMappings": [{"hostPort": 8080, "containerPort": 80, "protocol": "tcp"},
      {"hostPort": 5353, "containerPort": 53, "protocol": "udp"},
      {"hostPort": 8081, "containerPort": 80, "protocol": "tcp", "hostIP": "192.168.1.2"}]}})");
  config["backend"] = backend;
  return config;
}

// Disables duplicate address detection. The reference's bridge repeats it for its gateway address with each new port,
// so addresses and routes would change after a snapshot.
void disable_dad(const Host& host) {
  for (const char* where : {"all", "default"}) {
    host.run({"sysctl", "-qw", std::string("net.ipv6.conf.") + where + ".accept_dad=0"});
  }
}

// A chain of two plugins. Each call uses the plugins of one folder.
struct Chain {
  Json interface;
  Json portmap;
  std::string id = "c1";
  std::string netns = {};

  Json add(const std::string& folder) const {
    const auto added = call({interface["type"], "ADD", id, netns, interface.dump(), "eth0", {}, folder, folder});
    REQUIRE_MESSAGE(added.ok(), added.out, added.err);
    Json config = portmap;
    config["prevResult"] = added.json();
    const auto published = call({"portmap", "ADD", id, netns, config.dump(), "eth0", {}, folder, folder});
    REQUIRE_MESSAGE(published.ok(), published.out, published.err);
    return added.json();
  }

  void remove(const std::string& folder, const std::string& from, const Json& previous = nullptr) const {
    Json first = portmap;
    Json second = interface;
    if (!previous.is_null()) first["prevResult"] = second["prevResult"] = previous;
    const auto unpublished = call({"portmap", "DEL", id, from, first.dump(), "eth0", {}, folder, folder});
    CHECK_MESSAGE((unpublished.ok() || is_reference_error(folder, unpublished)), unpublished.out, unpublished.err);
    const auto deleted = call({interface["type"], "DEL", id, from, second.dump(), "eth0", {}, folder, folder});
    CHECK_MESSAGE((deleted.ok() || is_reference_error(folder, deleted)), deleted.out, deleted.err);
  }

  // The reference's DEL runs for all backends. As its last step, it fails if iptables never had its chain.
  static bool is_reference_error(const std::string& folder, const test::Outcome& outcome) {
    return folder == kFolder && outcome.out.find("running [/usr/sbin/iptables -t nat -D") != std::string::npos;
  }
};

}  // namespace

TEST_CASE("our DEL deletes all of a reference attachment: links, rules, chains, files") {
  if (is_missing()) return;
  for (const std::string type : {"bridge", "ptp"}) {
    for (const std::string backend : {"nftables", "iptables"}) {
      for (const std::string netns_now : {"there", "empty", "gone"}) {
        CAPTURE(type);
        CAPTURE(backend);
        CAPTURE(netns_now);
        Host host;
        disable_dad(host);
        host.add_outside("outside");
        Chain chain{network(type, backend), ports(backend), "c1", host.add_netns("x")};
        const Json warmed = chain.add(kFolder);  // creates the reference's tables and shared chains, which stay
        chain.remove(kFolder, chain.netns, warmed);
        const std::string before = host.snapshot();
        const Json result = chain.add(kFolder);
        CHECK(!test::difference(before, host.snapshot()).empty());
        if (netns_now != "there") host.remove_netns("x");
        for (int i = 0; i < 2; ++i) {
          chain.remove({}, netns_now == "empty" ? "" : chain.netns, i == 0 ? result : Json(nullptr));
          CHECK(test::difference(before, host.snapshot()) == "");
        }
      }
    }
  }
}

TEST_CASE("our DEL does not change other containers of the reference") {
  if (is_missing()) return;
  for (const std::string backend : {"nftables", "iptables"}) {
    CAPTURE(backend);
    Host host;
    disable_dad(host);
    Chain staying{network("bridge", backend), ports(backend), "c2", host.add_netns("y")};
    for (Json& mapping : staying.portmap["runtimeConfig"]["portMappings"]) {
      mapping["hostPort"] = mapping["hostPort"].get<int>() + 100;
    }
    Chain going{network("bridge", backend), ports(backend), "c1", host.add_netns("x")};
    const Json warmed = going.add(kFolder);
    going.remove(kFolder, going.netns, warmed);
    const Json kept = staying.add(kFolder);
    const std::string before = host.snapshot();
    going.add(kFolder);
    going.remove({}, going.netns);
    CHECK(test::difference(before, host.snapshot()) == "");
    Json config = staying.portmap;
    config["prevResult"] = kept;
    const auto checked = call({"portmap", "CHECK", "c2", staying.netns, config.dump(), "eth0", {}, kFolder, kFolder});
    CHECK_MESSAGE(checked.ok(), checked.out);
  }
}

TEST_CASE("our CHECK succeeds for a reference attachment") {
  if (is_missing()) return;
  for (const std::string type : {"bridge", "ptp"}) {
    for (const std::string backend : {"nftables", "iptables"}) {
      CAPTURE(type);
      CAPTURE(backend);
      Host host;
      disable_dad(host);
      Chain chain{network(type, backend), ports(backend), "c1", host.add_netns("x")};
      const Json result = chain.add(kFolder);
      for (Json config : {chain.interface, chain.portmap}) {
        config["prevResult"] = result;
        const auto checked = call({config["type"], "CHECK", "c1", chain.netns, config.dump()});
        CHECK_MESSAGE(checked.ok(), checked.out);
      }
    }
  }
}

TEST_CASE("our DEL or GC deletes what the reference's DEL left of our attachment") {
  if (is_missing()) return;
  for (const std::string type : {"bridge", "ptp"}) {
    for (const bool by_gc : {false, true}) {
      CAPTURE(type);
      CAPTURE(by_gc);
      Host host;
      disable_dad(host);
      Chain chain{network(type, "nftables"), ports("nftables"), "c1", host.add_netns("x")};
      const Json warmed = chain.add({});
      chain.remove({}, chain.netns, warmed);
      chain.remove(kFolder, chain.netns, warmed);  // creates the reference's tables
      const std::string before = host.snapshot();
      const Json result = chain.add({});
      chain.remove(kFolder, chain.netns, result);
      CHECK(host.run({"ip", "-br", "link", "show", "type", "veth"}).empty());
      CHECK(host.run({"sh", "-c", "ls /var/lib/cni/networks/n | grep -c '^[0-9f]' || true"}) == "0\n");
      if (!by_gc) chain.remove({}, {});
      for (Json config : {chain.portmap, chain.interface}) {
        if (!by_gc) continue;
        config["cniVersion"] = "1.1.0";
        config["cni.dev/valid-attachments"] = Json::array();
        CHECK(call({config["type"], "GC", {}, {}, config.dump(), {}}).ok());
      }
      CHECK(test::difference(before, host.snapshot()) == "");
    }
  }
}

TEST_CASE("DEL of one network keeps the reference's attachment of the same container to another network") {
  if (is_missing()) return;
  Host host;
  disable_dad(host);
  Chain first{network("bridge", "nftables"), ports("nftables"), "c1", host.add_netns("x")};
  first.add(kFolder);
  const std::string before = host.snapshot({"x"});
  Json other = network("bridge", "nftables");
  other["name"] = "m";
  other["bridge"] = "cni1";
  other["ipam"]["ranges"] = Json::parse(R"([[{"subnet": "10.2.0.0/24"}]])");
  other["ipam"]["routes"] = Json::array();
  // By mistake, the runtime uses the same interface name, and calls DEL after the failure.
  CHECK(!call({"bridge", "ADD", "c1", first.netns, other.dump()}).ok());
  CHECK(call({"bridge", "DEL", "c1", first.netns, other.dump()}).ok());
  CHECK(test::difference(before, host.snapshot({"x"})) == "");
  // A second interface, attached by our plugins, with its own port.
  Chain second{other, ports("nftables"), "c1", first.netns};
  second.portmap["name"] = "m";
  second.portmap["runtimeConfig"]["portMappings"] = Json::parse(R"([{"hostPort": 9090, "containerPort": 90}])");
  const auto added = call({"bridge", "ADD", "c1", first.netns, other.dump(), "eth1"});
  REQUIRE_MESSAGE(added.ok(), added.out);
  second.portmap["prevResult"] = added.json();
  REQUIRE(call({"portmap", "ADD", "c1", first.netns, second.portmap.dump(), "eth1"}).ok());
  CHECK(call({"portmap", "DEL", "c1", first.netns, second.portmap.dump(), "eth1"}).ok());
  CHECK(call({"bridge", "DEL", "c1", first.netns, other.dump(), "eth1"}).ok());
  CHECK(host.run({"nft", "list", "chain", "ip", "cni_hostport", "hostports"}).find("8080") != std::string::npos);
}

TEST_CASE("a repeated DEL without prevResult deletes the ports in portMappings, and not another network's") {
  if (is_missing()) return;
  Host host;
  disable_dad(host);
  Chain first{network("bridge", "nftables"), ports("nftables"), "c1", host.add_netns("x")};
  first.add(kFolder);
  Json other = network("bridge", "nftables");
  other["name"] = "m";
  other["bridge"] = "cni1";
  other["ipam"] = Json::parse(R"({"type": "host-local", "subnet": "10.2.0.0/24"})");
  const auto added = call({"bridge", "ADD", "c1", first.netns, other.dump(), "eth1", {}, kFolder, kFolder});
  REQUIRE_MESSAGE(added.ok(), added.out);
  Json portmap = ports("nftables");
  portmap["name"] = "m";
  portmap["prevResult"] = added.json();
  portmap["runtimeConfig"]["portMappings"] =
      Json::parse(R"([{"hostPort": 9090, "containerPort": 90, "protocol": "tcp"}])");
  const std::string before = host.run({"nft", "-s", "list", "ruleset"});
  REQUIRE(call({"portmap", "ADD", "c1", first.netns, portmap.dump(), "eth1", {}, kFolder, kFolder}).ok());
  portmap.erase("prevResult");
  CHECK(call({"portmap", "DEL", "c1", {}, portmap.dump(), "eth1"}).ok());
  CHECK(host.run({"nft", "-s", "list", "ruleset"}) == before);
}

TEST_CASE("our CHECK of ports fails even if the reference has rules for another network") {
  if (is_missing()) return;
  Host host;
  disable_dad(host);
  Chain first{network("bridge", "nftables"), ports("nftables"), "c1", host.add_netns("x")};
  first.add(kFolder);
  Json other = network("bridge", "nftables");
  other["name"] = "m";
  other["bridge"] = "cni1";
  other["ipam"] = Json::parse(R"({"type": "host-local", "subnet": "10.2.0.0/24"})");
  const auto added = call({"bridge", "ADD", "c1", first.netns, other.dump(), "eth1"});
  REQUIRE_MESSAGE(added.ok(), added.out);
  Json portmap = Json::parse(R"({"cniVersion": "1.0.0", "name": "m", "type": "portmap",
                                 "runtimeConfig": {"portMappings": [{"hostPort": 9090, "containerPort": 90}]}})");
  portmap["prevResult"] = added.json();
  REQUIRE(call({"portmap", "ADD", "c1", first.netns, portmap.dump(), "eth1"}).ok());
  host.run({"nft", "flush", "map", "inet", "footbridge", "hostport4"});
  host.run({"nft", "flush", "map", "inet", "footbridge", "publishers"});
  CHECK(!call({"portmap", "CHECK", "c1", first.netns, portmap.dump(), "eth1"}).ok());
}

TEST_CASE("GC deletes the reference's rules of attachments that are not valid, and keeps others") {
  if (is_missing()) return;
  for (const std::string backend : {"nftables", "iptables"}) {
    CAPTURE(backend);
    Host host;
    const Json config = network("bridge", backend);
    const Chain alive{config, ports(backend), "c2", host.add_netns("y")};
    Chain dead{config, ports(backend), "c1", host.add_netns("x")};
    for (Json& mapping : dead.portmap["runtimeConfig"]["portMappings"]) {
      mapping["hostPort"] = mapping["hostPort"].get<int>() + 100;
    }
    alive.add(kFolder);
    const std::string before = host.run({"nft", "-s", "list", "ruleset"});
    dead.add(kFolder);
    CHECK(host.run({"nft", "-s", "list", "ruleset"}) != before);
    host.remove_netns("x");
    for (Json call_of : {dead.portmap, dead.interface}) {
      call_of["cniVersion"] = "1.1.0";
      call_of["cni.dev/valid-attachments"] = {{{"containerID", "c2"}, {"ifname", "eth0"}}};
      const auto collected = call({call_of["type"], "GC", {}, {}, call_of.dump(), {}});
      CHECK_MESSAGE(collected.ok(), collected.out);
    }
    // Ports of the nftables backend name only the container, not the network: DEL deletes them.
    if (backend == "nftables") dead.remove({}, {});
    CHECK(host.run({"nft", "-s", "list", "ruleset"}) == before);
  }
}

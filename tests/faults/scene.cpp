// SPDX-License-Identifier: Apache-2.0
#include "tests/faults/scene.h"

#include <cstdio>

namespace faults {
namespace {

Json ipam(bool is_dual_stack) {
  return Json::parse(is_dual_stack ? R"({"type": "host-local", "routes": [{"dst": "0.0.0.0/0"}, {"dst": "::/0"}],
                                         "ranges": [[{"subnet": "10.1.0.0/16"}], [{"subnet": "fd00:10:1::/64"}]]})"
                                   : R"({"type": "host-local", "routes": [{"dst": "0.0.0.0/0"}],
                                         "ranges": [[{"subnet": "10.1.0.0/16"}]]})");
}

Json plugin(const std::string& type) { return {{"cniVersion", "1.1.0"}, {"name", kNetwork}, {"type", type}}; }

Json network(const Side& side, const std::string& type, bool is_dual_stack) {
  Json config = plugin(type);
  config["ipMasq"] = true;
  config["ipam"] = ipam(is_dual_stack);
  if (side.is_reference()) config["ipMasqBackend"] = side.backend;
  if (type != "bridge") return config;
  config["bridge"] = "cni0";
  config["isGateway"] = true;
  return config;
}

Json portmap(const Side& side) {
  Json config = plugin("portmap");
  if (side.is_reference()) config["backend"] = side.backend;
  return config;
}

Json firewall(const Side& side) {
  Json config = plugin("firewall");
  if (side.is_reference()) config["backend"] = "iptables";
  return config;
}

Json tuning() {
  Json config = plugin("tuning");
  config.update(Json::parse(R"({"mtu": 1400, "txQLen": 500, "allmulti": true, "promisc": true,
                                "sysctl": {"net.ipv4.conf.all.arp_filter": "1", "net.core.somaxconn": "77"}})"));
  return config;
}

std::vector<std::string> new_pair(const std::string& name, const std::string& peer) {
  return {"ip", "link", "add", name, "type", "veth", "peer", "name", peer};
}

// A plugin that creates or moves one interface.
struct LinkPlugin {
  std::string name;  // of the scene
  std::string type;
  Json keys;
  std::string kind;                             // which the kernel must have; "": none
  std::vector<std::vector<std::string>> setup;  // see Scene
};

std::vector<LinkPlugin> link_plugins() {
  // lan0 stands for a link to the host's LAN.
  const std::vector<std::vector<std::string>> lan{new_pair("lan0", "lan1"),
                                                  {"ip", "link", "set", "lan0", "addrgenmode", "none"},
                                                  {"ip", "link", "set", "lan0", "up"},
                                                  {"ip", "link", "set", "lan1", "up"}};
  std::vector<std::vector<std::string>> with_addresses = lan;
  with_addresses.push_back({"ip", "address", "add", "10.1.255.1/16", "dev", "lan0"});
  with_addresses.push_back({"ip", "address", "add", "fd00:10:1::ffff/64", "dev", "lan0", "nodad"});
  std::vector<std::vector<std::string>> devices;
  for (const std::string id : {"c0", "c1", "c2"}) devices.push_back(new_pair("dev-" + id, "peer-" + id));
  return {{"macvlan", "macvlan", {{"master", "lan0"}, {"bcqueuelen", 500}}, "macvlan", lan},
          {"hostAccess", "macvlan", {{"master", "lan0"}, {"hostAccess", true}}, "macvlan", with_addresses},
          {"ipvlan", "ipvlan", {{"master", "lan0"}}, "ipvlan", lan},
          {"vlan", "vlan", {{"master", "lan0"}, {"vlanId", 5}}, "vlan", lan},
          {"host-device", "host-device", {{"device", "dev-CONTAINER"}}, "", devices},
          {"tap", "tap", {{"multiQueue", true}, {"owner", 7}, {"group", 7}, {"mtu", 1400}}, "", {}}};
}

void add_scenes_of_links(std::vector<Scene>& scenes) {
  for (const LinkPlugin& one : link_plugins()) {
    if (!one.kind.empty() && !test::has_link_kind(one.kind)) {
      std::printf("scene %s skipped: this kernel has no links of kind %s\n", one.name.c_str(), one.kind.c_str());
      continue;
    }
    Json config = plugin(one.type);
    config["ipam"] = ipam(true);
    config.update(one.keys);
    scenes.push_back({one.name, {config}});
    scenes.back().is_dual_stack = true;
    scenes.back().setup = one.setup;
  }
}

}  // namespace

std::vector<Scene> scenes(const Side& side) {
  const Json bridge = network(side, "bridge", false);
  std::vector<Scene> result;
  result.push_back({"bridge", {bridge, portmap(side)}});
  result.push_back({"ptp", {network(side, "ptp", false), portmap(side)}});
  result.push_back({"dual-stack", {network(side, "bridge", true), portmap(side)}});
  result.back().is_dual_stack = true;
  result.push_back({"firewall", {bridge, firewall(side)}});
  result.push_back({"tuning", {bridge, tuning()}});
  result.push_back({"process-ipam", {bridge}});
  result.back().has_ipam_process = true;
  result.push_back({"first", {bridge, portmap(side)}, {"ADD"}});
  result.back().is_first = true;
  add_scenes_of_links(result);
  return result;
}

}  // namespace faults

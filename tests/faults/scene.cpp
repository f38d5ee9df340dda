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

// A link of the host that stands for its LAN: the parent of links in containers.
const std::vector<std::vector<std::string>> kLan{{"ip", "link", "add", "lan0", "type", "veth", "peer", "name", "lan1"},
                                                 {"ip", "link", "set", "lan0", "up"},
                                                 {"ip", "link", "set", "lan1", "up"}};

// Plugins that create one interface, whose kind has the plugin's name.
void add_scenes_of_links(std::vector<Scene>& scenes) {
  const std::vector<std::pair<std::string, Json>> kinds{{"macvlan", {{"master", "lan0"}, {"bcqueuelen", 500}}},
                                                        {"ipvlan", {{"master", "lan0"}}},
                                                        {"vlan", {{"master", "lan0"}, {"vlanId", 5}}}};
  for (const auto& [type, keys] : kinds) {
    if (!test::has_link_kind(type)) {
      std::printf("scene %s skipped: this kernel has no links of kind %s\n", type.c_str(), type.c_str());
      continue;
    }
    Json config = plugin(type);
    config["ipam"] = ipam(true);
    config.update(keys);
    scenes.push_back({type, {config}});
    scenes.back().is_dual_stack = true;
    scenes.back().setup = kLan;
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

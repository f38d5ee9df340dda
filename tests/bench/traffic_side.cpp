// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/traffic_side.h"

#include <stdexcept>

#include "tests/netns/host.h"

namespace traffic {
namespace {

using test::Json;

Json bridge_config(const Side& side) {
  Json config =
      Json::parse(R"({"cniVersion": "1.0.0", "name": "n", "type": "bridge", "bridge": "cni0", "isGateway": true,
    "ipam": {"type": "host-local", "subnet": "10.1.0.0/16", "routes": [{"dst": "0.0.0.0/0"}]}})");
  config["ipMasq"] = side.is_nat();
  if (side.is_nat() && !side.backend.empty()) config["ipMasqBackend"] = side.backend;
  return config;
}

Json portmap_config(const Side& side, const Json& previous, int container) {
  Json config = {{"cniVersion", "1.0.0"}, {"name", "n"}, {"type", "portmap"}, {"prevResult", previous}};
  if (!side.backend.empty()) config["backend"] = side.backend;
  for (int i = 0; i < kPorts; ++i) {
    config["runtimeConfig"]["portMappings"].push_back(
        {{"hostPort", host_port(container, i)}, {"containerPort", kServed + i}, {"protocol", "tcp"}});
  }
  return config;
}

Json add(const Side& side, const char* plugin, const std::string& id, const Json& config) {
  const auto outcome =
      test::call({plugin, "ADD", id, "/run/netns/" + id, config.dump(), "eth0", {}, side.folder, side.folder});
  if (!outcome.ok()) throw std::runtime_error(std::string(plugin) + " ADD: " + outcome.out);
  return outcome.json();
}

}  // namespace

Side parse_side(const std::string& argument) {
  const std::size_t equals = argument.find('=');
  if (equals == std::string::npos) throw std::invalid_argument(argument + " is not NAME=FOLDER[,BACKEND]");
  const std::size_t comma = std::min(argument.find(',', equals), argument.size());
  Side side{.name = argument.substr(0, equals), .folder = argument.substr(equals + 1, comma - equals - 1)};
  if (comma < argument.size()) side.backend = argument.substr(comma + 1);
  return side;
}

std::uint16_t host_port(int container, int which) {
  return static_cast<std::uint16_t>(kFirstPort + kPorts * container + which);
}

void attach(const Side& side, const std::string& id, int container) {
  const Json result = add(side, "bridge", id, bridge_config(side));
  if (side.is_nat()) add(side, "portmap", id, portmap_config(side, result, container));
}

}  // namespace traffic

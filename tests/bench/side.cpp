#include "tests/bench/side.h"

#include <algorithm>
#include <cstdio>
#include <stdexcept>

namespace bench {

Side parse_side(const std::string& argument) {
  const std::size_t equals = argument.find('=');
  const std::size_t comma = argument.find(',', equals);
  const std::string folder = argument.substr(equals + 1, comma - equals - 1);
  return {argument.substr(0, equals), folder, comma == std::string::npos ? "" : argument.substr(comma + 1)};
}

std::string bridge_config(const Side& side) {
  Json config =
      Json::parse(R"({"cniVersion": "1.0.0", "name": "n", "type": "bridge", "bridge": "cni0", "isGateway": true,
    "ipMasq": true, "hairpinMode": true,
    "ipam": {"type": "host-local", "subnet": "10.1.0.0/16", "routes": [{"dst": "0.0.0.0/0"}]}})");
  if (!side.backend.empty()) config["ipMasqBackend"] = side.backend;
  return config.dump();
}

std::string portmap_config(const Side& side, const Json& previous, int first, int ports) {
  Json config = {{"cniVersion", "1.0.0"}, {"name", "n"}, {"type", "portmap"}, {"prevResult", previous}};
  if (!side.backend.empty()) config["backend"] = side.backend;
  for (int i = 0; i < ports; ++i) {
    config["runtimeConfig"]["portMappings"].push_back(
        {{"hostPort", first + i}, {"containerPort", 80 + i}, {"protocol", "tcp"}});
  }
  return config.dump();
}

test::Outcome call(Side& side, const char* plugin, const char* verb, const std::string& id, const std::string& config) {
  const auto outcome = test::call({plugin, verb, id, "/run/netns/" + id, config, "eth0", {}, side.folder, side.folder});
  if (!outcome.ok() && ++side.failures[verb] == 1) {
    std::fprintf(stderr, "%s: %s %s: %s\n", side.name.c_str(), plugin, verb, outcome.out.c_str());
  }
  return outcome;
}

std::string attach(Side& side, const std::string& id, int first_port, int ports) {
  const auto added = call(side, "bridge", "ADD", id, bridge_config(side));
  if (!added.ok()) throw std::runtime_error(side.name + " cannot ADD");  // there is nothing to measure then
  std::string portmap = portmap_config(side, added.json(), first_port, ports);
  call(side, "portmap", "ADD", id, portmap);
  return portmap;
}

void detach(Side& side, const std::string& id, const std::string& portmap) {
  call(side, "portmap", "DEL", id, portmap);
  call(side, "bridge", "DEL", id, bridge_config(side));
}

double quantile(std::vector<double> values, double which) {
  std::sort(values.begin(), values.end());
  return values.at(static_cast<std::size_t>(which * static_cast<double>(values.size() - 1)));
}

}  // namespace bench

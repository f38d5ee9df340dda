// The time of ADD and DEL of bridge + host-local + portmap with one published port, sequentially, one process per plugin and
// verb as runtimes do it. The sides take turns within one run, each on hosts of its own, and the ratios are the result.
//
//   bench_chain ROUNDS CONTAINERS NAME=FOLDER[,BACKEND] ...
//
// A side is a folder of plugins; BACKEND (iptables, nftables) is put into ipMasqBackend and backend. The first side is the
// one that the others are compared with. Prints a Markdown table.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <exception>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

#include "tests/netns/host.h"

namespace {

using Clock = std::chrono::steady_clock;
using test::Json;

struct Side {
  std::string name;
  std::string folder;
  std::string backend;
  std::map<std::string, std::vector<double>> milliseconds = {};  // by verb
  std::map<std::string, int> failures = {};                      // by verb: of the calls that make one up
};

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

std::string portmap_config(const Side& side, const Json& previous, int port) {
  Json config = {{"cniVersion", "1.0.0"}, {"name", "n"}, {"type", "portmap"}, {"prevResult", previous}};
  if (!side.backend.empty()) config["backend"] = side.backend;
  config["runtimeConfig"]["portMappings"] = {{{"hostPort", port}, {"containerPort", 80}, {"protocol", "tcp"}}};
  return config.dump();
}

template <class Work>
void measure(Side& side, const char* verb, const Work& work) {
  const auto begin = Clock::now();
  work();
  side.milliseconds[verb].push_back(std::chrono::duration<double, std::milli>(Clock::now() - begin).count());
}

void run_round(Side& side, int containers) {
  test::Host host;
  const std::string bridge = bridge_config(side);
  std::vector<std::string> published;
  const auto call = [&](const char* plugin, const char* verb, int i, const std::string& config) {
    const std::string id = "c" + std::to_string(i);
    const auto outcome =
        test::call({plugin, verb, id, "/run/netns/" + id, config, "eth0", {}, side.folder, side.folder});
    if (!outcome.ok() && ++side.failures[verb] == 1) {
      std::fprintf(stderr, "%s: %s %s: %s\n", side.name.c_str(), plugin, verb, outcome.out.c_str());
    }
    return outcome;
  };
  for (int i = 0; i < containers; ++i) host.add_netns("c" + std::to_string(i));
  for (int i = 0; i < containers; ++i) {
    measure(side, "ADD", [&] {
      const auto added = call("bridge", "ADD", i, bridge);
      if (!added.ok()) throw std::runtime_error(side.name + " cannot ADD");  // there is nothing to measure then
      const Json result = added.json();
      published.push_back(portmap_config(side, result, 10000 + i));
      call("portmap", "ADD", i, published.back());
    });
  }
  for (int i = 0; i < containers; ++i) {
    measure(side, "DEL", [&] {
      call("portmap", "DEL", i, published[static_cast<std::size_t>(i)]);
      call("bridge", "DEL", i, bridge);
    });
  }
}

double quantile(std::vector<double> values, double which) {
  std::sort(values.begin(), values.end());
  return values.at(static_cast<std::size_t>(which * static_cast<double>(values.size() - 1)));
}

void print(const std::vector<Side>& sides) {
  std::printf("| side | verb | p50 ms | p99 ms | p50 / %s's | failed calls |\n|---|---|---|---|---|---|\n",
              sides.front().name.c_str());
  for (const char* verb : {"ADD", "DEL"}) {
    const double first = quantile(sides.front().milliseconds.at(verb), 0.5);
    for (const Side& side : sides) {
      const auto& values = side.milliseconds.at(verb);
      const double median = quantile(values, 0.5);
      const auto failed = side.failures.find(verb);
      std::printf("| %s | %s | %.1f | %.1f | %.1f | %d |\n", side.name.c_str(), verb, median, quantile(values, 0.99),
                  median / first, failed == side.failures.end() ? 0 : failed->second);
    }
  }
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  if (arguments.size() < 3) {
    std::fprintf(stderr, "usage: bench_chain ROUNDS CONTAINERS NAME=FOLDER[,BACKEND] ...\n");
    return 2;
  }
  try {
    const int rounds = std::stoi(arguments[0]);
    const int containers = std::stoi(arguments[1]);
    std::vector<Side> sides;
    for (std::size_t i = 2; i < arguments.size(); ++i) sides.push_back(parse_side(arguments[i]));
    for (int round = 0; round < rounds; ++round) {
      for (Side& side : sides) run_round(side, containers);
    }
    std::printf("%d rounds of %d containers a side, one after the other\n\n", rounds, containers);
    print(sides);
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "bench_chain: %s\n", error.what());
    return 1;
  }
}

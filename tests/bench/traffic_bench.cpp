// SPDX-License-Identifier: Apache-2.0
// bench_traffic: the cost of published ports for traffic. Measures new TCP connections per second through DNAT (from
// outside to published ports) and through masquerade (from containers to the outside), and throughput, with few and
// many published ports.
//
//   bench_traffic [--ports 10,2000] [--rounds N] [--connections N] [--seconds N] [--json FILE]
//                 [--version-of NAME=VERSION]... NAME=FOLDER[,BACKEND]...
//
// The first side is ours; "none", without NAT, is added. The hosts of all sides exist at the same time
// (traffic_station.h) and are measured in turns, round by round; the numbers are medians. Prints a Markdown table;
// --json writes the same for report.py.
// Exits with 1 if ours or "none" cannot be measured. Any other side is then left out, with the reason.
#include <algorithm>
#include <cstdio>
#include <exception>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "lib/os/file.h"
#include "tests/bench/machine.h"
#include "tests/bench/traffic_station.h"
#include "tests/netns/host.h"

namespace {

using test::Json;
using traffic::Side;
using traffic::Station;

struct Options {
  std::vector<int> ports{10, 2000};
  int rounds = 13;
  int connections = 10000;  // per burst
  int seconds = 1;          // per transfer; 0: no transfer
  std::string json;
  std::vector<std::string> versions;
  std::vector<std::string> sides;
};

struct Scene {
  const char* name;
  const char* title;
  const char* unit;
  int every;  // measured in every n-th round
  double (*measure)(Station& station, const Options& options);
};

constexpr Scene kScenes[] = {
    {"connections", "new TCP connections through DNAT, to ten published ports from the first to the last", "per_s", 1,
     [](Station& station, const Options& options) { return station.connect_in(options.connections); }},
    {"masquerade", "new TCP connections from containers to the outside, through masquerade", "per_s", 1,
     [](Station& station, const Options& options) { return station.connect_out(options.connections); }},
    {"throughput", "one TCP connection to a published port (iperf3)", "gbit_per_s", 4,
     [](Station& station, const Options& options) { return station.throughput(options.seconds); }},
};

// A side with a number of ports, and its measurements.
struct Stand {
  Side side;
  int ports;
  bool is_ours;
  std::unique_ptr<Station> station = {};                     // nullptr if it is left out
  std::string left_out = {};                                 // the reason
  std::map<std::string, std::vector<double>> measured = {};  // by scene
};

// Does the work unless the stand is left out. A failure of ours ends the run; after a failure, another side is left
// out.
template <class Work>
void attempt(Stand& stand, const Work& work) {
  if (!stand.left_out.empty()) return;
  try {
    work();
  } catch (const std::exception& error) {
    const std::string where = fmt::format("{} with {} ports: ", stand.side.name, stand.ports);
    if (stand.is_ours) throw std::runtime_error(where + error.what());
    std::fprintf(stderr, "left out: %s%s\n", where.c_str(), error.what());
    stand.left_out = error.what();
    stand.station.reset();
  }
}

std::vector<Stand> build(const Options& options) {
  std::vector<Side> sides;
  for (const std::string& argument : options.sides) sides.push_back(traffic::parse_side(argument));
  const std::string ours = sides.front().name;
  sides.push_back({.name = traffic::kWithoutNat, .folder = sides.front().folder, .backend = traffic::kWithoutNat});
  std::vector<Stand> stands;
  for (const int ports : options.ports) {
    for (const Side& side : sides) {
      const bool is_ours = side.name == ours || side.name == traffic::kWithoutNat;
      Stand& stand = stands.emplace_back(Stand{.side = side, .ports = ports, .is_ours = is_ours});
      attempt(stand, [&] { stand.station = std::make_unique<Station>(side, ports); });
    }
  }
  return stands;
}

void measure(std::vector<Stand>& stands, const Options& options) {
  for (int round = 0; round < options.rounds; ++round) {
    for (const Scene& scene : kScenes) {
      if (round % scene.every != 0 || (scene.name == std::string("throughput") && options.seconds == 0)) continue;
      for (Stand& stand : stands) {
        attempt(stand, [&] { stand.measured[scene.name].push_back(scene.measure(*stand.station, options)); });
      }
    }
  }
}

double quantile(std::vector<double> values, double which) {
  std::sort(values.begin(), values.end());
  return values.at(static_cast<std::size_t>(which * static_cast<double>(values.size() - 1)));
}

Json result_of(const Stand& stand, const Scene& scene) {
  if (!stand.left_out.empty()) return {{"side", stand.side.name}, {"left_out", stand.left_out}};
  const auto& values = stand.measured.at(scene.name);
  return {{"side", stand.side.name},
          {scene.unit, quantile(values, 0.5)},
          {"bursts", values.size()},
          {"least", quantile(values, 0)},
          {"most", quantile(values, 1)}};
}

Json scenes(const std::vector<Stand>& stands, const Options& options) {
  Json result = Json::array();
  for (const Scene& scene : kScenes) {
    if (!stands.front().measured.contains(scene.name)) continue;
    for (const int ports : options.ports) {
      Json one{{"scene", scene.name}, {"title", scene.title}, {"ports", ports}};
      for (const Stand& stand : stands) {
        if (stand.ports == ports) one["sides"].push_back(result_of(stand, scene));
      }
      result.push_back(one);
    }
  }
  return result;
}

void print(const Json& scenes) {
  std::printf("| scene | ports | side | median | least | most |\n|---|---|---|---|---|---|\n");
  for (const Json& scene : scenes) {
    for (const Json& side : scene["sides"]) {
      if (side.contains("left_out")) continue;
      const bool is_rate = side.contains("per_s");
      const auto number = [&](const char* key) {
        return fmt::format("{:.{}f}", side[key].get<double>(), is_rate ? 0 : 1);
      };
      fmt::print("| {} | {} | {} | {} | {} | {} |\n", scene["scene"].get<std::string>(), scene["ports"].get<int>(),
                 side["side"].get<std::string>(),
                 number(is_rate ? "per_s" : "gbit_per_s") + (is_rate ? "/s" : " Gbit/s"), number("least"),
                 number("most"));
    }
  }
}

void run(const Options& options) {
  std::vector<Stand> stands = build(options);
  measure(stands, options);
  const Json measured = scenes(stands, options);
  print(measured);
  if (options.json.empty()) return;
  Json versions = Json::object();
  for (const std::string& one : options.versions)
    versions[one.substr(0, one.find('='))] = one.substr(one.find('=') + 1);
  const Json results{{"machine", bench::describe_machine("/var/lib")}, {"versions", versions}, {"scenes", measured}};
  os::replace_file(options.json, results.dump(1) + "\n", 0644);
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  CLI::App app("Measures the cost of published ports for traffic.", "bench_traffic");
  app.add_option("--ports", options.ports, "published ports in total")->delimiter(',')->capture_default_str();
  app.add_option("--rounds", options.rounds)->check(CLI::PositiveNumber)->capture_default_str();
  app.add_option("--connections", options.connections, "per burst")->check(CLI::PositiveNumber)->capture_default_str();
  app.add_option("--seconds", options.seconds, "per transfer; 0: no transfer")->capture_default_str();
  app.add_option("--json", options.json, "write the results to this file");
  app.add_option("--version-of", options.versions, "NAME=VERSION for the results; repeatable")
      ->allow_extra_args(false)
      ->take_all();
  app.add_option("sides", options.sides, "NAME=FOLDER[,BACKEND], ours first")->required();
  CLI11_PARSE(app, argc, argv);
  try {
    run(options);
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "bench_traffic: %s\n", error.what());
    return 1;
  }
}

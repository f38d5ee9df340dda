// What published ports cost the traffic: new TCP connections per second through DNAT (from outside to published ports) and
// through masquerade (from containers to the outside), and throughput, with few and with many published ports in place.
//
//   bench_traffic [--ports 10,2000] [--rounds N] [--connections N] [--seconds N] [--json FILE] NAME=FOLDER[,BACKEND] ...
//
// The first side is ours; "none", without NAT, is added. The hosts of all sides stand beside each other (traffic_station.h)
// and are measured in turns, round by round; the numbers are the medians. Prints a Markdown table; --json writes the same
// for report.py. Exits with 1 when ours or "none" cannot be measured; of another side the reason is told and it is left out.
#include <cstdio>
#include <exception>
#include <memory>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "lib/os/file.h"
#include "tests/bench/machine.h"
#include "tests/bench/traffic_station.h"

namespace {

using bench::Json;
using bench::Side;
using bench::Station;

struct Options {
  std::vector<int> ports{10, 2000};
  int rounds = 9;
  int connections = 10000;  // of a burst
  int seconds = 1;          // of a transfer; 0: none
  std::string json;
  std::vector<std::string> sides;
};

struct Scene {
  const char* name;
  const char* title;
  const char* unit;
  double (*measure)(Station& station, const Options& options);
};

constexpr Scene kScenes[] = {
    {"connections", "new TCP connections through DNAT, to all published ports in turn", "per_s",
     [](Station& station, const Options& options) { return station.connect_in(options.connections); }},
    {"masquerade", "new TCP connections from containers to the outside, through masquerade", "per_s",
     [](Station& station, const Options& options) { return station.connect_out(options.connections); }},
    {"throughput", "one TCP connection to a published port (iperf3)", "gbit_per_s",
     [](Station& station, const Options& options) { return station.throughput(options.seconds); }},
};

// A side with so many ports, and what was measured of it.
struct Stand {
  Side side;
  int ports;
  bool is_ours;
  std::unique_ptr<Station> station = {};  // none: it is left out, and why
  std::string left_out = {};
  std::map<std::string, std::vector<double>> measured = {};  // by scene
};

// Does the work, if the stand is still in. A failure of ours ends the run, one of the others' takes it out.
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
  for (const std::string& argument : options.sides) sides.push_back(bench::parse_side(argument));
  const std::string ours = sides.front().name;
  sides.push_back({.name = bench::kWithoutNat, .folder = sides.front().folder, .backend = bench::kWithoutNat});
  std::vector<Stand> stands;
  for (const int ports : options.ports) {
    for (const Side& side : sides) {
      const bool is_ours = side.name == ours || side.name == bench::kWithoutNat;
      Stand& stand = stands.emplace_back(Stand{.side = side, .ports = ports, .is_ours = is_ours});
      attempt(stand, [&] { stand.station = std::make_unique<Station>(side, ports); });
    }
  }
  return stands;
}

void measure(std::vector<Stand>& stands, const Options& options) {
  for (int round = 0; round < options.rounds; ++round) {
    for (const Scene& scene : kScenes) {
      if (scene.name == std::string("throughput") && options.seconds == 0) continue;
      for (Stand& stand : stands) {
        attempt(stand, [&] { stand.measured[scene.name].push_back(scene.measure(*stand.station, options)); });
      }
    }
  }
}

Json result_of(const Stand& stand, const Scene& scene) {
  if (!stand.left_out.empty()) return {{"side", stand.side.name}, {"left_out", stand.left_out}};
  const auto& values = stand.measured.at(scene.name);
  return {{"side", stand.side.name},
          {scene.unit, bench::quantile(values, 0.5)},
          {"least", bench::quantile(values, 0)},
          {"most", bench::quantile(values, 1)}};
}

Json scenes(const std::vector<Stand>& stands, const Options& options) {
  Json result = Json::array();
  for (const Scene& scene : kScenes) {
    if (!stands.front().measured.contains(scene.name)) continue;
    for (const int ports : options.ports) {
      Json one{{"scene", scene.name}, {"title", scene.title}, {"ports", ports}, {"rounds", options.rounds}};
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
  const Json whole{
      {"machine", bench::describe_machine()}, {"versions", bench::versions(options.sides)}, {"scenes", measured}};
  os::replace_file(options.json, whole.dump(1) + "\n", 0644);
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  CLI::App app("What published ports cost the traffic.", "bench_traffic");
  app.add_option("--ports", options.ports, "published, in all")->delimiter(',')->capture_default_str();
  app.add_option("--rounds", options.rounds)->check(CLI::PositiveNumber)->capture_default_str();
  app.add_option("--connections", options.connections, "of a burst")->check(CLI::PositiveNumber)->capture_default_str();
  app.add_option("--seconds", options.seconds, "of a transfer; 0: none")->capture_default_str();
  app.add_option("--json", options.json, "where to write the results");
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

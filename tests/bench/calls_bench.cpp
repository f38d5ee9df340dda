// SPDX-License-Identifier: Apache-2.0
// bench_calls: the cost of plugin calls, made as runtimes make them: ours beside the reference and the floor. The sides
// take turns within one run, each on its own host (worker.h); the ratios are the result.
//
//   bench_calls [--scene NAME]... [--n N] [--at-once K] [--attachments M] [--json FILE] SIDE...
//
// SIDE is NAME=FOLDER, NAME=FOLDER,BACKEND for the reference, or the word "floor" (side.h). Without --scene, all scenes
// run (scene.h), with their own numbers unless an option sets them. Prints a Markdown table for each scene. Exits with
// 1 if a call of ours failed, an address was allocated twice, or something was left over; never because of a time.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <optional>
#include <set>

#include <CLI/CLI.hpp>

#include "lib/os/error.h"
#include "lib/os/file.h"
#include "tests/bench/floor_check.h"
#include "tests/bench/launch.h"
#include "tests/bench/machine.h"
#include "tests/bench/run.h"

namespace {

using bench::Scene;
using bench::Side;
using test::Json;

struct Options {
  std::vector<std::string> scenes;
  std::vector<std::string> sides;
  std::optional<int> calls;
  std::optional<int> at_once;
  std::optional<int> attachments;
  std::string json;
  std::vector<std::string> versions;
};

void declare(CLI::App& app, Options& options) {
  app.add_option("--scene", options.scenes, "run only this scene; repeatable")->allow_extra_args(false)->take_all();
  app.add_option("--n", options.calls, "attachments per side")->check(CLI::Range(1, 2000));
  app.add_option("--at-once", options.at_once, "concurrent calls, instead of the scenes' numbers")
      ->check(CLI::Range(2, 256));
  app.add_option("--attachments", options.attachments, "existing attachments, for scenes with any")
      ->check(CLI::Range(1, 12000));
  app.add_option("--json", options.json, "write the results to this file");
  app.add_option("--version-of", options.versions, "NAME=VERSION for the results; repeatable")
      ->allow_extra_args(false)
      ->take_all();
  app.add_option("side", options.sides, "NAME=FOLDER[,BACKEND] or floor")->required();
}

// Replaces the scene's number with the requested one, unless the scene's is `none`. False for a scene that differs from
// an earlier one only in this number.
bool replace_number(std::optional<int>& requested, int none, int& number) {
  if (number == none || !requested) return true;
  if (*requested == none) return false;
  number = *requested;
  requested = none;
  return true;
}

// The requested scenes with the requested numbers, each once.
std::vector<Scene> chosen_scenes(Options options) {
  std::vector<Scene> result;
  for (Scene scene : bench::scenes()) {
    const auto& names = options.scenes;
    if (!names.empty() && std::find(names.begin(), names.end(), scene.name) == names.end()) continue;
    if (!replace_number(options.at_once, 1, scene.at_once)) continue;
    if (!replace_number(options.attachments, 0, scene.attachments)) continue;
    if (options.calls) {
      scene.calls = *options.calls;
      scene.reference_calls = 0;
    }
    result.push_back(scene);
  }
  if (result.empty()) throw std::invalid_argument("no such scene");
  return result;
}

std::vector<Side> parse_sides(const std::vector<std::string>& arguments) {
  std::string ours;
  for (const std::string& argument : arguments) {
    if (argument == "floor") continue;
    const Side side = bench::parse_side(argument, {});
    if (side.kind == Side::Kind::ours && ours.empty()) ours = side.folder;
  }
  std::vector<Side> sides;
  for (const std::string& argument : arguments) sides.push_back(bench::parse_side(argument, ours));
  return sides;
}

void print(const Json& scene) {
  std::printf("\n%s (%s, n = %d, %d at once, %d existing)\n\n", scene.at("title").get<std::string>().c_str(),
              scene.at("scene").get<std::string>().c_str(), scene.at("n").get<int>(), scene.at("at_once").get<int>(),
              scene.at("attachments").get<int>());
  std::printf("| side | verb | p50 ms | p99 ms | first, last tenth | CPU ms | peak KiB | per s | failed |\n");
  std::printf("|---|---|---|---|---|---|---|---|---|\n");
  for (const Json& side : scene.at("sides")) {
    for (const Json& verb : side.at("verbs")) {
      const auto number = [&](const char* key) { return verb.value(key, 0.0); };
      std::printf("| %s | %s | %.2f | %.2f | %.2f, %.2f | %.2f | %.0f | %.1f | %d |\n",
                  side.at("side").get<std::string>().c_str(), verb.at("verb").get<std::string>().c_str(),
                  number("p50_ms"), number("p99_ms"), number("first_tenth_ms"), number("last_tenth_ms"),
                  number("cpu_ms"), number("peak_rss_kib"), number("per_s"), verb.at("failures").get<int>());
    }
  }
  std::fflush(stdout);
}

Json versions_of(const Options& options) {
  Json versions = Json::object();
  for (const std::string& one : options.versions) {
    const std::size_t equals = one.find('=');
    if (equals != std::string::npos) versions[one.substr(0, equals)] = one.substr(equals + 1);
  }
  return versions;
}

// A folder beside the executable; deleted with its content by the destructor. The store is measured on the build's file
// system.
class StoreFolder {
 public:
  StoreFolder() : path_(bench::own_folder() + "/bench-store.XXXXXX") {
    if (::mkdtemp(path_.data()) == nullptr) throw os::last_error("mkdtemp " + path_);
  }
  StoreFolder(const StoreFolder&) = delete;
  StoreFolder& operator=(const StoreFolder&) = delete;
  StoreFolder(StoreFolder&&) = delete;
  StoreFolder& operator=(StoreFolder&&) = delete;
  ~StoreFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_;
};

// The floor must do the same work as our plugins, in each kind of scene.
std::vector<std::string> check_floor(const std::vector<Side>& sides, const std::vector<Scene>& scenes,
                                     const std::string& store) {
  const auto of_kind = [&](Side::Kind kind) {
    return std::find_if(sides.begin(), sides.end(), [kind](const Side& side) { return side.kind == kind; });
  };
  const auto ours = of_kind(Side::Kind::ours);
  const auto floor = of_kind(Side::Kind::floor);
  if (floor == sides.end()) return {};
  if (ours == sides.end()) throw std::invalid_argument("the floor needs a side of our plugins");
  std::set<std::string> plugins;
  for (const Scene& scene : scenes) {
    if (scene.has_floor) plugins.insert(scene.plugin);
  }
  std::vector<std::string> defects;
  for (const std::string& plugin : plugins) {
    const std::string difference = bench::compare_floor(*ours, *floor, plugin, store + "/" + plugin);
    if (!difference.empty()) {
      defects.push_back("the floor and our plugins leave different states, with " + plugin + ": " + difference);
    }
  }
  return defects;
}

int run(const Options& options) {
  const std::vector<Side> sides = parse_sides(options.sides);
  const StoreFolder folder;
  const std::string& store = folder.path();
  Json results{
      {"machine", bench::describe_machine(store)}, {"versions", versions_of(options)}, {"scenes", Json::array()}};
  const std::vector<Scene> scenes = chosen_scenes(options);
  std::vector<std::string> defects = check_floor(sides, scenes, store);
  for (const Scene& scene : scenes) {
    bench::SceneResult result = bench::run_scene(scene, sides, store + "/scene");
    print(result.json);
    results["scenes"].push_back(std::move(result.json));
    defects.insert(defects.end(), result.defects.begin(), result.defects.end());
    if (!options.json.empty()) os::replace_file(options.json, results.dump(1) + "\n", 0644);
  }
  for (const std::string& defect : defects) std::fprintf(stderr, "bench_calls: %s\n", defect.c_str());
  return defects.empty() ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  CLI::App app("Measures calls of plugins.");
  declare(app, options);
  CLI11_PARSE(app, argc, argv);
  try {
    return run(options);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "bench_calls: %s\n", error.what());
    return 1;
  }
}

// fb_faults: every system call of a plugin call fails once, or is the last of its process, and what is left is judged.
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <exception>

#include <CLI/CLI.hpp>

#include "tests/faults/section.h"
#include "tests/faults/trial.h"

namespace {

using namespace faults;

struct Options {
  std::string bin = test::bin();
  std::string reference;
  std::string scene;
  std::string verb;
  std::string mode;
  std::string only;
  std::string json;
  int every = 1;
  int sample = 0;
  int seed = 1;
  int jobs = 2;
};

void declare(CLI::App& app, Options& options) {
  app.add_option("--bin", options.bin, "the folder of the plugins; FOOTBRIDGE_BIN");
  app.add_option("--reference", options.reference,
                 "FOLDER,iptables or FOLDER,nftables: the reference in place of ours");
  app.add_option("--scene", options.scene, "only this one");
  app.add_option("--verb", options.verb, "only this one");
  app.add_option("--mode", options.mode, "faults or kills; both");
  app.add_option("--only", options.only, "one point, as a violation names it, with details");
  app.add_option("--every", options.every, "of all points every N-th");
  app.add_option("--sample", options.sample, "about N injections in all");
  app.add_option("--seed", options.seed, "which of the points are taken");
  app.add_option("--jobs", options.jobs, "at once");
  app.add_option("--json", options.json, "write the results to this file");
}

std::string joined(const Facts& facts) {
  std::string text;
  for (const std::string& fact : facts) text += "  " + fact + "\n";
  return text;
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  CLI::App app("faults");
  declare(app, options);
  CLI11_PARSE(app, argc, argv);
  const Side side{options.bin, ""};
  Runner runner;
  long tried = 0, violations = 0, unreached = 0;
  const auto begin = std::chrono::steady_clock::now();
  for (const Scene& scene : scenes(side)) {
    if (!options.scene.empty() && scene.name != options.scene) continue;
    auto stage = std::make_unique<Stage>(side, scene, runner);
    for (const std::string& verb : scene.verbs) {
      if (!options.verb.empty() && verb != options.verb) continue;
      for (std::size_t i = 0; i < scene.plugins.size(); ++i) {
        for (const Mode mode : {Mode::faults, Mode::kills}) {
          if (!options.mode.empty() && (options.mode == "faults") != (mode == Mode::faults)) continue;
          const std::vector<Point> points = find_points(*stage, {scene.name, verb, i, mode});
          std::fprintf(stderr, "%s %s %zu: %zu points\n", scene.name.c_str(), verb.c_str(), i, points.size());
          for (std::size_t p = 0; p < points.size(); ++p) {
            if (p % static_cast<std::size_t>(options.every) != 0) continue;
            if (!options.only.empty() && text(points[p]) != options.only) continue;
            const Verdict verdict = try_point(*stage, points[p]);
            ++tried;
            if (!verdict.is_reached) ++unreached;
            for (const std::string& violation : verdict.violations) {
              std::printf("VIOLATION %s: %s [%s]\n", text(points[p]).c_str(), violation.c_str(),
                          verdict.answer.c_str());
            }
            std::fflush(stdout);
            if (!options.only.empty())
              std::printf("before\n%safter\n%s", joined(verdict.before).c_str(), joined(verdict.after).c_str());
            if (!verdict.violations.empty()) {
              ++violations;
              stage.reset();
              stage = std::make_unique<Stage>(side, scene, runner);
            }
          }
        }
      }
    }
  }
  const double ms = std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count();
  std::printf("faults: %ld injections, %ld violations, %ld unreached, %.1f ms each\n", tried, violations, unreached,
              ms / static_cast<double>(tried));
}

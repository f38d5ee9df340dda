// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/run.h"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <memory>

#include "tests/bench/statistics.h"
#include "tests/bench/worker.h"

namespace bench {
namespace {

struct Runner {
  std::unique_ptr<Worker> worker;
  int calls = 0;
  int turn = 0;  // calls per turn
  std::map<std::string, Measured> measured = {};
  std::string first_failure = {};
};

void print_first_failure(Runner& runner, const Turn& turn) {
  for (const Operation& operation : turn.operations) {
    if (!operation.is_failed() || !runner.first_failure.empty()) continue;
    runner.first_failure = operation.failure;
    std::fprintf(stderr, "%s: %s\n", runner.worker->side().name.c_str(), operation.failure.c_str());
  }
}

class SceneRun {
 public:
  SceneRun(const Scene& scene, const std::vector<Side>& sides, const std::string& store) : scene_(scene) {
    for (const Side& side : sides) {
      if (!scene.left_out(side).empty()) continue;
      const std::string folder = store + "/" + side.name;
      runners_.push_back({std::make_unique<Worker>(side, scene, folder), scene.calls_of(side), scene.turn_of(side)});
    }
  }

  SceneResult run(const std::vector<Side>& sides) {
    for (int round = 0; round < scene_.rounds; ++round) {
      for (const std::string& verb : scene_.verbs) {
        run_verb(verb);
        if (verb == "ADD") check_duplicates();
      }
    }
    for (Runner& runner : runners_) measure_waiting(runner);
    check_leftovers();
    return {describe_scene(sides), defects_};
  }

 private:
  void run_verb(const std::string& verb) {
    const auto is_busy = [&](const Runner& runner, int turn) { return turn * runner.turn < runner.calls; };
    for (int turn = 0;; ++turn) {
      bool is_done = true;
      for (Runner& runner : runners_) {
        if (!is_busy(runner, turn)) continue;
        is_done = false;
        const int from = turn * runner.turn;
        Turn given = runner.worker->run(verb, from, std::min(from + runner.turn, runner.calls));
        print_first_failure(runner, given);
        runner.measured[verb].add(std::move(given));
      }
      if (is_done) break;
      std::rotate(runners_.begin(), runners_.begin() + 1, runners_.end());  // a different side is first in each turn
    }
  }

  // Also measures the floor's DEL with its wait for the kernel.
  static void measure_waiting(Runner& runner) {
    if (runner.worker->side().kind != Side::Kind::floor) return;
    runner.worker->run("ADD", 0, runner.turn);
    runner.measured[kDelWaiting].add(runner.worker->run(kDelWaiting, 0, runner.turn));
  }

  void add_defect(const Runner& runner, const std::string& what) {
    const Side& side = runner.worker->side();
    if (what.empty()) return;
    const std::string line = scene_.name + ", " + side.name + ": " + what;
    std::fprintf(stderr, "%s\n", line.c_str());
    if (side.kind != Side::Kind::reference) defects_.push_back(line);
  }

  void check_duplicates() {
    for (const Runner& runner : runners_) {
      const std::string duplicates = runner.worker->duplicates();
      if (!duplicates.empty()) add_defect(runner, "allocated twice: " + duplicates);
    }
  }

  void check_leftovers() {
    for (const Runner& runner : runners_) {
      const std::string left = runner.worker->leftovers();
      if (!left.empty()) add_defect(runner, "left over: " + left);
      for (const auto& [verb, measured] : runner.measured) {
        const int failures = measured.failures();
        if (failures > 0) add_defect(runner, std::to_string(failures) + " calls of " + verb + " failed");
      }
    }
  }

  Json describe_side(const Side& side) {
    Json json{{"side", side.name}, {"backend", side.backend}};
    const std::string left_out = scene_.left_out(side);
    if (!left_out.empty()) json["left_out"] = left_out;
    json["verbs"] = Json::array();
    for (const Runner& runner : runners_) {
      if (runner.worker->side().name != side.name) continue;
      if (!runner.first_failure.empty()) json["first_failure"] = runner.first_failure;
      std::vector<std::string> verbs = scene_.verbs;
      if (side.kind == Side::Kind::floor) verbs.emplace_back(kDelWaiting);
      for (const std::string& verb : verbs) {
        json["verbs"].push_back(describe(verb, runner.measured.at(verb), scene_.at_once > 1));
      }
    }
    return json;
  }

  Json describe_scene(const std::vector<Side>& sides) {
    Json json{{"scene", scene_.name},
              {"title", scene_.title},
              {"n", scene_.calls},
              {"at_once", scene_.at_once},
              {"attachments", scene_.attachments},
              {"sides", Json::array()}};
    for (const Side& side : sides) json["sides"].push_back(describe_side(side));
    return json;
  }

  Scene scene_;
  std::vector<Runner> runners_;
  std::vector<std::string> defects_;
};

}  // namespace

SceneResult run_scene(const Scene& scene, const std::vector<Side>& sides, const std::string& store) {
  SceneResult result = SceneRun(scene, sides, store).run(sides);
  std::filesystem::remove_all(store);
  return result;
}

}  // namespace bench

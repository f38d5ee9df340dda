// SPDX-License-Identifier: Apache-2.0
// fb_faults: makes each system call of a plugin call fail once, and kills the process after each one once. Then it
// compares the state of the kernel and the files with the expected state: nothing lost, nothing leaked (trial.h).
//
//   fb_faults [--scene NAME] [--verb VERB] [--mode faults|kills] [--calls NAME,NAME...] [--sample N [--seed S]]
//             [--jobs K] [--json FILE]
//   fb_faults --only POINT             one point, as a violation prints it, with all changes
//   fb_faults --reference FOLDER,iptables|nftables ...     the reference plugins; violations are no failure
//
// The exit code is 1 if there are violations, and 77 (skipped) if ptrace(2) is not permitted.
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <exception>
#include <sstream>
#include <stdexcept>

#include <CLI/CLI.hpp>

#include "lib/os/file.h"
#include "tests/bench/machine.h"
#include "tests/faults/summary.h"

namespace {

using faults::Json;

struct Options {
  std::string bin;
  std::string reference;
  std::string scene;
  std::string verb;
  std::string mode;
  std::vector<std::string> calls;
  std::string only;
  std::string json;
  std::size_t sample = 0;
  unsigned seed = 1;
  int jobs = 2;
};

void declare(CLI::App& app, Options& options) {
  app.add_option("--bin", options.bin, "folder of the plugins; default: $FOOTBRIDGE_BIN");
  app.add_option("--reference", options.reference, "FOLDER,iptables or FOLDER,nftables: test the reference plugins");
  app.add_option("--scene", options.scene, "only this scene");
  app.add_option("--verb", options.verb, "only this verb");
  app.add_option("--mode", options.mode, "only faults, or only kills")->check(CLI::IsMember({"faults", "kills"}));
  app.add_option("--calls", options.calls, "only these system calls")->delimiter(',');
  app.add_option("--only", options.only, "only this point, with details");
  app.add_option("--sample", options.sample, "about N points, evenly spread");
  app.add_option("--seed", options.seed, "selects the sample");
  app.add_option("--jobs", options.jobs, "number of worker processes, each with its own host")
      ->check(CLI::Range(1, 64));
  app.add_option("--json", options.json, "write the results to this file");
}

faults::Side parse_side(const Options& options) {
  if (options.reference.empty()) return {options.bin.empty() ? test::bin() : options.bin, ""};
  const std::size_t comma = options.reference.rfind(',');
  if (comma == std::string::npos)
    throw std::invalid_argument("--reference: " + options.reference + " is not FOLDER,BACKEND");
  return {options.reference.substr(0, comma), options.reference.substr(comma + 1)};
}

// Is ptrace(2) permitted? Containers and hardened machines may block it.
bool may_trace() {
  const pid_t child = ::fork();
  if (child == 0) {
    ::pause();
    ::_exit(0);
  }
  const bool may = ::ptrace(PTRACE_SEIZE, child, nullptr, nullptr) == 0;
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, __WALL);
  return may;
}

faults::WorkPlan chosen_plan(const Options& options) {
  faults::WorkPlan plan;
  plan.side = parse_side(options);
  plan.scenes = faults::scenes(plan.side);
  for (const faults::Section& section : faults::sections(plan.scenes)) {
    if (!options.scene.empty() && plan.scenes[section.scene].name != options.scene) continue;
    if (options.verb.empty() || options.verb == section.verb) plan.sections.push_back(section);
  }
  if (plan.sections.empty()) throw std::invalid_argument("no scene has that name and verb");
  plan.has_faults = options.mode != "kills";
  plan.has_kills = options.mode != "faults";
  plan.calls = options.calls;
  const std::size_t kinds = plan.sections.size() * (options.mode.empty() ? 2 : 1);
  if (options.sample > 0) plan.per_section = std::max<std::size_t>(1, options.sample / kinds);
  plan.seed = options.seed;
  plan.jobs = options.jobs;
  return plan;
}

std::vector<std::string> lines_of(const std::string& text) {
  std::istringstream stream(text);
  std::vector<std::string> lines;
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

int run_all(const Options& options) {
  faults::Summary summary;
  if (options.sample > 0) std::printf("sample with --seed %u\n", options.seed);
  faults::run_workers(chosen_plan(options), [&](const faults::Tried& tried) {
    summary.add(tried);
    if (!tried.violations.empty()) std::printf("%s\n", faults::violation_line(tried).c_str());
    std::fflush(stdout);
  });
  if (!summary.has_points()) throw std::invalid_argument("no point matches the options");
  const std::string side = options.reference.empty() ? "" : "reference: ";
  std::printf("%s", summary.slowest().c_str());
  for (const std::string& line : lines_of(summary.lines())) std::printf("%s%s\n", side.c_str(), line.c_str());
  if (!options.json.empty()) {
    Json json = summary.json();
    json["machine"] = bench::describe_machine("/var/lib");
    json["reference"] = !options.reference.empty();
    json["seed"] = options.seed;
    json["lines"] = lines_of(summary.lines());
    os::replace_file(options.json, json.dump(1, ' ', false, Json::error_handler_t::replace) + "\n", 0644);
  }
  return summary.has_violations() && options.reference.empty() ? 1 : 0;
}

int run_one(const Options& options) {
  const faults::Point point = faults::parse_point(options.only);
  const faults::Side side = parse_side(options);
  for (const faults::Scene& scene : faults::scenes(side)) {
    if (scene.name != point.scene) continue;
    faults::Runner runner;
    faults::Stage stage(side, scene, runner);
    const faults::Verdict verdict = faults::try_point(stage, point);
    std::printf("%s: %s\noutput: %s\n", options.only.c_str(), verdict.is_reached ? "reached" : "not reached",
                verdict.output.c_str());
    std::printf("changed: %s\n", faults::difference(verdict.before, verdict.after).c_str());
    for (const std::string& violation : verdict.violations) std::printf("VIOLATION %s\n", violation.c_str());
    return verdict.violations.empty() ? 0 : 1;
  }
  throw std::invalid_argument("unknown scene " + point.scene);
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  CLI::App app("Makes system calls of plugins fail, and tests the resulting state");
  declare(app, options);
  CLI11_PARSE(app, argc, argv);
  if (::geteuid() != 0 || !may_trace()) {
    std::printf("SKIP: needs root and ptrace(2)\n");
    return 77;
  }
  try {
    return options.only.empty() ? run_all(options) : run_one(options);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "fb_faults: %s\n", error.what());
    return 1;
  }
}

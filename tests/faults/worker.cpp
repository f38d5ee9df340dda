// SPDX-License-Identifier: Apache-2.0
#include "tests/faults/worker.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <map>
#include <memory>
#include <new>
#include <stdexcept>

#include "lib/os/error.h"
#include "lib/os/fd.h"
#include "lib/os/file.h"

namespace faults {
namespace {

// The number of the next section, in memory that the workers share.
class Counter {
 public:
  Counter() {
    void* memory =
        ::mmap(nullptr, sizeof(std::atomic<std::size_t>), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) throw os::last_error("mmap");
    next_ = new (memory) std::atomic<std::size_t>(0);
  }
  std::size_t take() { return next_->fetch_add(1); }

 private:
  std::atomic<std::size_t>* next_;
};

Json json_of(const Tried& tried) {
  return {{"point", text(tried.point)},    {"violations", tried.violations},
          {"output", tried.output},        {"ms", tried.ms},
          {"reached", tried.is_reached},   {"start", tried.is_before_main},
          {"rejected", tried.was_rejected}};
}

Tried tried_of(const Json& json) {
  Tried tried;
  tried.point = parse_point(json.at("point").get<std::string>());
  json.at("violations").get_to(tried.violations);
  json.at("output").get_to(tried.output);
  json.at("ms").get_to(tried.ms);
  json.at("reached").get_to(tried.is_reached);
  json.at("start").get_to(tried.is_before_main);
  json.at("rejected").get_to(tried.was_rejected);
  return tried;
}

class Worker {
 public:
  Worker(const WorkPlan& plan, int out) : plan_(plan), out_(out) {}

  void run(Counter& counter) {
    for (std::size_t i = counter.take(); i < plan_.sections.size(); i = counter.take()) try_section(plan_.sections[i]);
    end();
  }

 private:
  void set_stage(std::size_t scene) {
    if (stage_ && scene_ == scene) return;
    stage_.reset();
    stage_ = std::make_unique<Stage>(plan_.side, plan_.scenes.at(scene), runner_);
    scene_ = scene;
  }

  void try_section(const Section& section) {
    set_stage(section.scene);
    const Recording recording = record_section(*stage_, section);
    const auto all = [&](const std::vector<Point>& of_all_calls) {
      const auto points = of_calls(of_all_calls, plan_.calls);
      const auto chosen = plan_.per_section == 0 ? points : sample(points, plan_.per_section, plan_.seed);
      for (const Point& point : chosen) try_one(section, point);
    };
    if (plan_.has_faults) all(fault_points(*stage_, section, recording));
    if (plan_.has_kills) all(kill_points(*stage_, section, recording));
    const std::string defect = end_section(*stage_);
    if (!defect.empty())
      report(
          {parse_point(stage_->last_point()), {"afterwards " + defect}, ""});  // parse_point throws if there was none
  }

  void try_one(const Section& section, const Point& point) {
    Verdict verdict = try_point(*stage_, point);
    const std::vector<pid_t> left = runner_.left();
    std::erase_if(makers_,
                  [&](const auto& maker) { return std::find(left.begin(), left.end(), maker.first) == left.end(); });
    for (const pid_t pid : left) makers_.try_emplace(pid, point);
    report({point, verdict.violations, verdict.output, verdict.ms, verdict.is_reached, verdict.is_before_main,
            verdict.was_rejected});
    report_overdue();
    if (verdict.violations.empty()) return;
    stage_.reset();  // the state of the old one is unknown
    set_stage(section.scene);
  }

  void report_overdue() {
    for (const pid_t pid : runner_.overdue()) {
      const auto maker = makers_.find(pid);
      if (maker != makers_.end()) report({maker->second, {"a process that outlives it does not end"}, ""});
    }
  }

  void end() {
    if (!runner_.wait_until_alone()) report_overdue();
    stage_.reset();
  }

  void report(const Tried& tried) {
    os::write_all(out_, json_of(tried).dump(-1, ' ', false, Json::error_handler_t::replace) + "\n", "report a result");
  }

  const WorkPlan& plan_;
  int out_;
  Runner runner_;
  std::unique_ptr<Stage> stage_;
  std::size_t scene_ = 0;
  std::map<pid_t, Point> makers_;  // of processes that outlive their call
};

[[noreturn]] void live_as_worker(const WorkPlan& plan, int out, Counter& counter) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  int code = 0;
  try {
    Worker(plan, out).run(counter);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "fb_faults: %s\n", error.what());
    code = 1;
  }
  ::_exit(code);
}

struct Started {
  pid_t pid = -1;
  os::Fd out;
  std::string line;  // the part of a line that was read
};

Started start(const WorkPlan& plan, Counter& counter) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) throw os::last_error("pipe");
  Started started{-1, os::Fd(ends[0]), {}};
  const os::Fd write_end(ends[1]);
  started.pid = ::fork();
  if (started.pid < 0) throw os::last_error("fork");
  if (started.pid == 0) live_as_worker(plan, write_end.get(), counter);
  return started;
}

// Returns false at the end of the worker's output.
bool read_some(Started& started, const std::function<void(const Tried&)>& report) {
  std::array<char, 65536> buffer{};
  const ssize_t count = ::read(started.out.get(), buffer.data(), buffer.size());
  if (count < 0 && errno == EINTR) return true;
  if (count <= 0) return false;
  started.line.append(buffer.data(), static_cast<std::size_t>(count));
  for (std::size_t end = started.line.find('\n'); end != std::string::npos; end = started.line.find('\n')) {
    report(tried_of(Json::parse(started.line.substr(0, end))));
    started.line.erase(0, end + 1);
  }
  return true;
}

void read_all(std::vector<Started>& workers, const std::function<void(const Tried&)>& report) {
  for (std::size_t open = workers.size(); open > 0;) {
    std::vector<pollfd> waiting;
    for (const Started& started : workers) waiting.push_back({started.out.get(), POLLIN, 0});
    if (::poll(waiting.data(), waiting.size(), -1) < 0) continue;
    for (std::size_t i = 0; i < workers.size(); ++i) {
      if (waiting[i].revents == 0 || read_some(workers[i], report)) continue;
      workers[i].out.reset();  // poll(2) ignores a negative descriptor
      --open;
    }
  }
}

}  // namespace

void run_workers(const WorkPlan& plan, const std::function<void(const Tried&)>& report) {
  Counter counter;
  std::vector<Started> workers;
  for (int i = 0; i < plan.jobs; ++i) workers.push_back(start(plan, counter));
  read_all(workers, report);
  bool is_ok = true;
  for (const Started& started : workers) {
    int status = 0;
    ::waitpid(started.pid, &status, 0);
    is_ok = is_ok && status == 0;
  }
  if (!is_ok) throw std::runtime_error("a worker failed: some points were not tested");
}

}  // namespace faults

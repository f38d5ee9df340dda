// SPDX-License-Identifier: Apache-2.0
#include "tests/faults/summary.h"

#include <algorithm>

namespace faults {
namespace {

constexpr double kSlow = 1000;  // ms

std::string kind_of(const Point& point) { return point.is_kill() ? "kills" : "faults"; }

std::string place_of(const Point& point) {
  const std::string all = text(point);
  return all.substr(0, all.rfind('='));
}

void add_to(Count& sum, const Count& one) {
  sum.injections += one.injections;
  sum.violations += one.violations;
  sum.unreached += one.unreached;
  sum.before_main += one.before_main;
  sum.rejected += one.rejected;
  sum.places.insert(one.places.begin(), one.places.end());
}

std::string joined(const std::set<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : " ") + word;
  return text;
}

}  // namespace

void Summary::add(const Tried& tried) {
  Count& count = counts_[{tried.point.scene, tried.point.verb, kind_of(tried.point)}];
  count.injections += 1;
  count.violations += tried.violations.empty() ? 0 : 1;
  count.unreached += tried.is_reached ? 0 : 1;
  count.before_main += tried.is_before_main ? 1 : 0;
  count.rejected += tried.was_rejected ? 1 : 0;
  count.places.insert(place_of(tried.point));
  if (!tried.violations.empty()) wrong_.push_back(tried);
  if (tried.ms >= kSlow) slow_.push_back(tried);
}

bool Summary::has_violations() const { return !wrong_.empty(); }

std::string Summary::lines() const {
  std::string lines;
  for (const std::string kind : {"faults", "kills"}) {
    Count sum;
    std::set<std::string> scenes;
    std::set<std::string> verbs;
    for (const auto& [key, count] : counts_) {
      if (std::get<2>(key) != kind) continue;
      add_to(sum, count);
      scenes.insert(std::get<0>(key));
      verbs.insert(std::get<1>(key));
    }
    if (sum.injections == 0) continue;
    lines += kind + ": " + std::to_string(sum.injections) + (kind == "kills" ? " kills at " : " injections at ") +
             std::to_string(sum.places.size()) + " points (" + joined(scenes) + "; " + joined(verbs) + "), " +
             std::to_string(sum.violations) + " violations; " + std::to_string(sum.before_main) + " before main(), " +
             std::to_string(sum.unreached) + " not reached";
    if (kind == "kills") lines += ", " + std::to_string(sum.rejected) + " rejected as a second ADD";
    lines += "\n";
  }
  return lines;
}

std::string Summary::slowest() const {
  constexpr std::size_t kMost = 10;
  std::vector<Tried> slow = slow_;
  std::sort(slow.begin(), slow.end(), [](const Tried& one, const Tried& other) { return one.ms > other.ms; });
  if (slow.size() > kMost) slow.resize(kMost);
  std::string lines;
  for (const Tried& tried : slow)
    lines += "slow: " + std::to_string(static_cast<int>(tried.ms)) + " ms " + text(tried.point) + "\n";
  return lines;
}

Json Summary::json() const {
  Json rows = Json::array();
  for (const auto& [key, count] : counts_) {
    rows.push_back({{"scene", std::get<0>(key)},
                    {"verb", std::get<1>(key)},
                    {"kind", std::get<2>(key)},
                    {"injections", count.injections},
                    {"places", count.places.size()},
                    {"violations", count.violations},
                    {"unreached", count.unreached},
                    {"start", count.before_main},
                    {"rejected", count.rejected}});
  }
  Json wrong = Json::array();
  for (const Tried& tried : wrong_) {
    wrong.push_back({{"point", text(tried.point)}, {"what", tried.violations}, {"output", tried.output}});
  }
  return {{"rows", rows}, {"violations", wrong}};
}

std::string violation_line(const Tried& tried) {
  std::string line = "VIOLATION " + text(tried.point) + ": ";
  for (const std::string& violation : tried.violations) line += violation + ". ";
  line += "[" + tried.output + "]";
  std::replace(line.begin(), line.end(), '\n', ' ');
  return line;
}

}  // namespace faults

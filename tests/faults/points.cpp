// SPDX-License-Identifier: Apache-2.0
#include "tests/faults/points.h"

#include <sys/syscall.h>

#include <algorithm>
#include <functional>

namespace faults {
namespace {

bool is_among(const std::vector<TracedCall>& calls, const Place& place) {
  return std::any_of(calls.begin(), calls.end(), [&](const TracedCall& made) { return made.place == place; });
}

using Expand = std::function<void(const Point& where, const SystemCall& call)>;

void for_each_place(const Stage& stage, const Section& section, const Recording& recording, const Expand& expand) {
  Point point{stage.scene().name, section.verb, section.plugin, stage.scene().plugin_name(section.plugin), false, {}};
  for (const TracedCall& made : recording.usual) {
    point.place = made.place;
    expand(point, made.call);
  }
  point.is_alone = true;
  for (const TracedCall& made : recording.alone) {
    point.place = made.place;
    if (!is_among(recording.usual, made.place)) expand(point, made.call);
  }
}

}  // namespace

std::vector<Section> sections(const std::vector<Scene>& scenes) {
  std::vector<Section> result;
  for (std::size_t i = 0; i < scenes.size(); ++i) {
    for (const std::string& verb : scenes[i].verbs) {
      for (std::size_t plugin = 0; plugin < scenes[i].plugins.size(); ++plugin) result.push_back({i, verb, plugin});
    }
  }
  return result;
}

Recording record_section(Stage& stage, const Section& section) {
  Recording recording;
  recording.usual = record_calls(stage, section.verb, section.plugin, false);
  recording.alone = record_calls(stage, section.verb, section.plugin, true);
  return recording;
}

std::vector<Point> fault_points(const Stage& stage, const Section& section, const Recording& recording) {
  std::vector<Point> points;
  for_each_place(stage, section, recording, [&](const Point& where, const SystemCall& call) {
    for (const int error : errors_of(call)) {
      points.push_back(where);
      points.back().error = error;
    }
  });
  return points;
}

std::vector<Point> kill_points(const Stage& stage, const Section& section, const Recording& recording) {
  std::vector<Point> points;
  for_each_place(stage, section, recording, [&](const Point& where, const SystemCall& call) {
    if (call.number == SYS_exit_group || call.number == SYS_exit) return;  // it never returns
    points.push_back(where);
    points.back().after = After::del;
    if (where.verb != "ADD" || !where.place.process.empty()) return;
    points.push_back(where);
    points.back().after = After::add;
  });
  return points;
}

std::vector<Point> of_calls(std::vector<Point> points, const std::vector<std::string>& names) {
  if (names.empty()) return points;
  std::erase_if(points, [&](const Point& point) {
    return std::find(names.begin(), names.end(), point.place.call) == names.end();
  });
  return points;
}

std::vector<Point> sample(const std::vector<Point>& points, std::size_t count, unsigned seed) {
  if (points.size() <= count) return points;
  std::vector<Point> result;
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t begin = i * points.size() / count;
    const std::size_t end = (i + 1) * points.size() / count;
    // The position within each part varies, because errors and kills alternate in the list.
    constexpr std::size_t kStep = 7;
    result.push_back(points[begin + (seed + i * kStep) % (end - begin)]);
  }
  return result;
}

}  // namespace faults

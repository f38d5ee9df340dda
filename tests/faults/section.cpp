#include "tests/faults/section.h"

#include <sys/syscall.h>

#include <algorithm>

#include "tests/faults/trial.h"

namespace faults {
namespace {

void add_points(const Point& where, const SystemCall& call, Mode mode, std::vector<Point>& points) {
  Point point = where;
  if (mode == Mode::faults) {
    for (const int error : errors_of(call)) {
      point.error = error;
      points.push_back(point);
    }
    return;
  }
  if (call.number == SYS_exit_group || call.number == SYS_exit) return;  // there is no way out of it
  point.after = After::del;
  points.push_back(point);
  point.after = After::add;
  if (point.verb == "ADD" && point.place.process.empty()) points.push_back(point);
}

bool is_among(const std::vector<Made>& calls, const Place& place) {
  return std::any_of(calls.begin(), calls.end(), [&](const Made& made) { return made.place == place; });
}

}  // namespace

std::vector<Point> find_points(Stage& stage, const Section& section) {
  std::vector<Point> points;
  const std::vector<Made> usual = record_calls(stage, section.verb, section.plugin, false);
  const std::vector<Made> alone = record_calls(stage, section.verb, section.plugin, true);
  Point point{section.scene, section.verb, section.plugin, stage.scene().plugin_name(section.plugin), false, {}};
  for (const Made& made : usual) {
    point.place = made.place;
    add_points(point, made.call, section.mode, points);
  }
  point.is_alone = true;
  for (const Made& made : alone) {
    point.place = made.place;
    if (!is_among(usual, made.place)) add_points(point, made.call, section.mode, points);
  }
  return points;
}

}  // namespace faults

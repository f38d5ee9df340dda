// SPDX-License-Identifier: Apache-2.0
#include "tests/faults/point.h"

#include <charconv>
#include <stdexcept>
#include <vector>

#include "tests/faults/system_call.h"

namespace faults {
namespace {

constexpr std::string_view kChild = "child";

std::vector<std::string> split(std::string_view text, char at) {
  std::vector<std::string> parts;
  while (true) {
    const std::size_t end = text.find(at);
    parts.emplace_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

int number_of(const std::string& text) {
  int number = -1;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) throw std::invalid_argument(text + " is not a number");
  return number;
}

// Removes the part up to the first `at` from the text. Returns it without `at`.
std::string take_until(std::string& text, char at) {
  const std::size_t end = text.find(at);
  if (end == std::string::npos) throw std::invalid_argument(text + " has no " + at);
  std::string part = text.substr(0, end);
  text.erase(0, end + 1);
  return part;
}

void parse_action(Point& point, const std::string& action) {
  if (action == "kill,DEL") {
    point.after = After::del;
  } else if (action == "kill,ADD") {
    point.after = After::add;
  } else {
    point.error = parse_error_name(action);
    if (point.error == 0) throw std::invalid_argument(action + " is not an error name");
  }
}

}  // namespace

std::string text(const Point& point) {
  std::string result =
      point.scene + "/" + point.verb + "/" + std::to_string(point.plugin) + ":" + point.plugin_name + "/";
  if (point.is_alone) result += "alone/";
  if (!point.place.process.empty()) result += std::string(kChild) + point.place.process + "/";
  result += point.place.call + "#" + std::to_string(point.place.ordinal) + "=";
  if (point.after == After::none) return result + error_name(point.error);
  return result + (point.after == After::del ? "kill,DEL" : "kill,ADD");
}

Point parse_point(std::string_view text) {
  std::vector<std::string> parts = split(text, '/');
  if (parts.size() < 4)
    throw std::invalid_argument(std::string(text) + " is not a point: SCENE/VERB/I:PLUGIN/CALL#K=ACTION");
  Point point;
  point.scene = parts[0];
  point.verb = parts[1];
  point.plugin = static_cast<std::size_t>(number_of(take_until(parts[2], ':')));
  point.plugin_name = parts[2];
  for (std::size_t i = 3; i + 1 < parts.size(); ++i) {
    if (parts[i] == "alone") point.is_alone = true;
    if (parts[i].starts_with(kChild)) point.place.process = parts[i].substr(kChild.size());
  }
  std::string& last = parts.back();
  point.place.call = take_until(last, '#');
  point.place.ordinal = number_of(take_until(last, '='));
  parse_action(point, last);
  return point;
}

}  // namespace faults

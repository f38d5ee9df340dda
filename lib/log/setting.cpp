#include "lib/log/setting.h"

#include <cstdlib>

namespace logging {
namespace {

constexpr std::string_view kVariable = "FOOTBRIDGE_LOG";

std::string quote(std::string_view value) {
  constexpr std::size_t kMost = 60;  // bytes that are shown
  return "\"" + std::string(value.substr(0, kMost)) + (value.size() > kMost ? "...\"" : "\"");
}

}  // namespace

void Setting::add_level(std::string_view source, std::string_view word) {
  if (level || word.empty()) return;
  level = parse_level(word);
  if (level) return;
  complaints.push_back(std::string(source) + ": no level of the log is called " + quote(word) +
                       " (trace, debug, info, warn, error and off are)");
}

void Setting::add_file(std::string_view source, std::string_view path) {
  if (!file.empty() || path.empty()) return;
  const bool is_path = path.starts_with('/') && path.find('\0') == std::string_view::npos;
  if (is_path) {
    file = path;
  } else {
    complaints.push_back(std::string(source) +
                         ": a log's file needs an absolute path, and this is none: " + quote(path));
  }
}

Level Setting::threshold() const { return level.value_or(file.empty() ? Level::warn : Level::info); }

Setting parse_setting(std::string_view footbridge_log) {
  Setting setting;
  const std::size_t colon = footbridge_log.find(':');
  setting.add_level(kVariable, footbridge_log.substr(0, colon));
  if (colon != std::string_view::npos) setting.add_file(kVariable, footbridge_log.substr(colon + 1));
  return setting;
}

Setting read_setting() {
  const char* value = std::getenv(kVariable.data());  // NOLINT(concurrency-mt-unsafe): nobody sets variables here
  return parse_setting(value == nullptr ? std::string_view() : value);
}

Setting& setting_of_process() {
  static Setting setting = read_setting();
  return setting;
}

}  // namespace logging

#include "lib/log/record.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <ctime>

#include <nlohmann/json.hpp>

namespace logging {
namespace {

using Json = nlohmann::ordered_json;
using std::chrono::duration_cast;
using std::chrono::microseconds;

std::string dump(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

// RFC 3339 in UTC: 2026-11-22T02:48:52.849301Z
std::string text(std::chrono::system_clock::time_point time) {
  constexpr std::int64_t kSecond = 1000000;
  const std::int64_t since = duration_cast<microseconds>(time.time_since_epoch()).count();
  const std::time_t seconds = since / kSecond;
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  std::array<char, 32> day{};
  std::array<char, 16> fraction{};
  static_cast<void>(std::strftime(day.data(), day.size(), "%Y-%m-%dT%H:%M:%S", &parts));
  std::snprintf(fraction.data(), fraction.size(), ".%06dZ", static_cast<int>(since % kSecond));
  return std::string(day.data()) + fraction.data();
}

std::string and_more(std::size_t left_out) { return "and " + std::to_string(left_out) + " more"; }

Json done(const Record& record) {
  Json list = Json::array();
  for (const std::string& what : record.done.entries()) list.push_back(what);
  if (record.done.left_out() > 0) list.push_back(and_more(record.done.left_out()));
  return list;
}

Json times(const Record& record) {
  Json object = Json::object();
  for (const auto& [stage, duration] : record.stages) object[stage] = duration_cast<microseconds>(duration).count();
  object["total"] = duration_cast<microseconds>(record.total).count();
  return object;
}

Json notes(const Record& record) {
  const auto note = [](Level level, const std::string& words) {
    return Json::object({{"level", text(level)}, {"text", words}});
  };
  Json list = Json::array();
  for (const Record::Note& one : record.notes.entries()) list.push_back(note(one.level, one.text));
  if (record.notes.left_out() > 0) list.push_back(note(Level::info, and_more(record.notes.left_out())));
  return list;
}

Json error(const Failure& failure) {
  Json object = Json::object({{"code", failure.code}, {"msg", failure.msg}});
  if (!failure.details.empty()) object["details"] = failure.details;
  return object;
}

Json whole(const Record& record) {
  Json line = Json::object();
  const auto add_text = [&line](const char* key, const std::string& value) {
    if (!value.empty()) line[key] = value;
  };
  line["time"] = text(record.time);
  line["level"] = text(record.level());
  line["plugin"] = record.plugin;
  line["verb"] = record.verb;
  add_text("owner", record.owner);
  add_text("netns", record.netns);
  line["pid"] = record.pid;
  line["done"] = done(record);
  line["us"] = times(record);
  line["notes"] = notes(record);
  add_text("traceparent", record.traceparent);
  if (record.failure) line["error"] = error(*record.failure);
  return line;
}

// A word stands for itself; all else is quoted as in JSON, so that nothing passes for another field or another line.
std::string bare(const std::string& quoted) {
  constexpr std::string_view kMarks = "._-/:+@";
  const std::string_view inner(quoted.data() + 1, quoted.size() - 2);
  const bool is_word = !inner.empty() && std::all_of(inner.begin(), inner.end(), [&](char byte) {
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || (byte >= '0' && byte <= '9') ||
           kMarks.find(byte) != std::string_view::npos;
  });
  return is_word ? std::string(inner) : quoted;
}

}  // namespace

void Record::add_time(std::string_view stage, Duration duration) {
  const auto found = std::find_if(stages.begin(), stages.end(), [&](const auto& one) { return one.first == stage; });
  if (found == stages.end()) {
    stages.emplace_back(stage, duration);
  } else {
    found->second += duration;
  }
}

Level Record::level() const {
  if (failure) return Level::error;
  const auto& all = notes.entries();
  const bool warned = std::any_of(all.begin(), all.end(), [](const Note& note) { return note.level >= Level::warn; });
  return warned ? Level::warn : usual;
}

std::string json(const Record& record) { return dump(whole(record)); }

std::string text(const Record& record) {
  constexpr std::array<std::string_view, 5> kBare{"time", "level", "plugin", "verb", "owner"};
  const Json fields = whole(record);
  std::string line;
  for (const auto& [key, value] : fields.items()) {
    if (!line.empty()) line += ' ';
    const bool has_key = std::find(kBare.begin(), kBare.end(), key) == kBare.end();
    if (has_key) line += key + "=";
    line += value.is_string() ? bare(dump(value)) : dump(value);
  }
  return line;
}

}  // namespace logging

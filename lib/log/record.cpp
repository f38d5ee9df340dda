// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <ctime>

#include <nlohmann/json.hpp>

#include "lib/log/call.h"

namespace logging {
namespace {

using Json = nlohmann::ordered_json;
using std::chrono::microseconds;

std::string dump(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

// RFC 3339 in UTC: 2026-11-22T02:48:52.849301Z
std::string text(std::chrono::system_clock::time_point time) {
  constexpr std::int64_t kSecond = 1'000'000;
  const std::int64_t since = time.time_since_epoch() / microseconds(1);
  const std::time_t seconds = since / kSecond;
  std::tm parts{};
  std::string words(32, '\0');
  words.resize(std::strftime(words.data(), words.size(), "%Y-%m-%dT%H:%M:%S.", ::gmtime_r(&seconds, &parts)));
  return words + std::to_string(kSecond + since % kSecond).substr(1) + "Z";
}

// A line has a limited length.
template <class Entry>
std::vector<Entry> limited(std::vector<Entry> entries) {
  const std::size_t left_out = entries.size() - std::min<std::size_t>(entries.size(), 200);
  entries.resize(entries.size() - left_out);
  if (left_out > 0) entries.push_back({"and " + std::to_string(left_out) + " more"});
  return entries;
}

Json fields(const Record& record) {
  Json line = {{"time", text(record.time)}, {"level", text(record.level())}, {"plugin", record.plugin}};
  line["verb"] = record.verb;
  if (!record.owner.empty()) line["owner"] = record.owner;
  if (!record.netns.empty()) line["netns"] = record.netns;
  line["pid"] = record.pid;
  line["done"] = limited(record.done);
  for (const auto& [stage, duration] : record.stages) line["us"][stage] = duration / microseconds(1);
  line["us"]["total"] = record.total / microseconds(1);
  line["notes"] = Json::array();
  for (const Note& note : limited(record.notes))
    line["notes"].push_back({{"level", text(note.level)}, {"text", note.text}});
  if (!record.traceparent.empty()) line["traceparent"] = record.traceparent;
  if (!record.failure) return line;
  line["error"] = {{"code", record.failure->code}, {"msg", record.failure->msg}};
  if (!record.failure->details.empty()) line["error"]["details"] = record.failure->details;
  return line;
}

// A plain word is printed as it is. Everything else is quoted as in JSON, so it cannot look like another field or
// line.
std::string bare(const std::string& quoted) {
  constexpr const char* kWord = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-/:+@";
  const std::string inner = quoted.substr(1, quoted.size() - 2);
  return inner.empty() || inner.find_first_not_of(kWord) != std::string::npos ? quoted : inner;
}

}  // namespace

void Record::add_time(std::string_view stage, Duration duration) {
  const auto found = std::find_if(stages.begin(), stages.end(), [&](const auto& one) { return one.first == stage; });
  (found == stages.end() ? stages.emplace_back(stage, Duration()) : *found).second += duration;
}

Level Record::level() const {
  const auto is_warning = [](const Note& note) { return note.level >= Level::warn; };
  if (failure) return Level::error;
  return std::any_of(notes.begin(), notes.end(), is_warning) ? Level::warn : usual;
}

std::string json(const Record& record) { return dump(fields(record)); }

std::string text(const Record& record) {
  const Json all = fields(record);
  std::string line;
  for (const auto& [key, value] : all.items()) {
    const bool is_bare = std::string_view("time level plugin verb owner").find(key) != std::string_view::npos;
    line += (line.empty() ? "" : " ") + (is_bare ? "" : key + "=");
    line += value.is_string() ? bare(dump(value)) : dump(value);
  }
  return line;
}

}  // namespace logging

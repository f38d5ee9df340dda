// SPDX-License-Identifier: Apache-2.0
// One call of a plugin in the log: its record (record.cpp) and the line that is written at its end (log.cpp).
#pragma once

#include <chrono>
#include <utility>

#include "lib/log/setting.h"

namespace logging {

struct Failure {
  std::uint32_t code = 0;  // of the error object
  std::string msg, details;
};

struct Note {
  std::string text;
  Level level = Level::info;
};

// Only names, TRACEPARENT and actions: CNI_ARGS and configurations may contain secrets.
struct Record {
  using Duration = std::chrono::steady_clock::duration;

  std::chrono::system_clock::time_point time;  // the end of the call
  std::string plugin, verb;
  std::string owner;               // "network/containerID/ifname"; for STATUS and GC the network; "" if unknown
  std::string netns, traceparent;  // CNI_NETNS and TRACEPARENT (W3C, "Trace Context": traceparent header)
  int pid = 0;
  std::vector<std::string> done;                         // of record_action()
  std::vector<std::pair<std::string, Duration>> stages;  // in the order of their first appearance
  Duration total{};
  std::vector<Note> notes;
  std::optional<Failure> failure;
  Level usual = Level::info;  // debug for a frequent call that does nothing

  void add_time(std::string_view stage, Duration duration);

  // error after a failure, warn after a warning, otherwise the usual level.
  [[nodiscard]] Level level() const;
};

// For a file: one line of JSON in UTF-8, even if the strings contain other bytes. A list has at most 200 entries and
// "and N more".
std::string json(const Record& record);

// For stderr: the first five values without their keys, the others as key=JSON.
std::string text(const Record& record);

// The code that serves the call creates this object and fills in its record. All other code uses lib/log/log.h.
class Call {
 public:
  // Reads FOOTBRIDGE_LOG and starts the clock. A call within the current one adds its messages for stderr to `err`.
  explicit Call(std::string_view plugin, std::string* err = nullptr);
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;

  // Writes the line if one was requested and the level admits it. Throws nothing.
  ~Call();

  // The innermost call of this process, or nullptr.
  static Call* current();

  // The configuration's keys; nullopt if absent. Call it once, as soon as they are known.
  void configure(const std::optional<std::string>& level, const std::optional<std::string>& file);

  Record& record() { return record_; }
  [[nodiscard]] const Setting& setting() const { return setting_; }

  // Adds a note. A warning also goes to stderr at once.
  void report(Level level, std::string_view message);

 private:
  void report_warnings();
  void open_file();
  void write();
  void write_to_stderr(const std::string& line);

  Record record_;
  Setting setting_;
  std::chrono::steady_clock::time_point begun_ = std::chrono::steady_clock::now();
  Call* outer_;
  std::string* err_;  // instead of stderr
};

}  // namespace logging
